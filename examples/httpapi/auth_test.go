package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestAuth(t *testing.T) {
	a := newMemory(t)
	for name, operation := range a.spec.operations() {
		if len(operation["security"].([]any)) == 0 {
			continue
		}
		method, path, _ := strings.Cut(name, " ")
		path = strings.ReplaceAll(path, "{id}", "i")
		right, wrong := internalKey, externalKey
		if strings.Contains(path, "external") {
			right, wrong = wrong, right
		}

		t.Run(name, func(t *testing.T) {
			for about, key := range map[string]string{
				"of_the_other_side": wrong,
				"empty":             "",
				"prefix":            right[:len(right)-1],
				"longer":            right + "x",
				"other_case":        strings.ToUpper(right),
			} {
				t.Run("a_key_that_is_"+about+"_is_401", func(t *testing.T) {
					got := a.do(t, method, path, "", keyHeader, key)
					got.wantError(t, http.StatusUnauthorized, "UNAUTHORIZED")
				})
			}
			t.Run("the_right_key_is_accepted", func(t *testing.T) {
				if got := a.do(t, method, path, "", keyHeader, right); got.status == http.StatusUnauthorized {
					t.Errorf("%d %s", got.status, got.body)
				}
			})
		})
	}

	t.Run("no_key_is_401", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/api/assignments", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		got, err := send(req)
		if err != nil {
			t.Fatal(err)
		}
		got.wantError(t, http.StatusUnauthorized, "UNAUTHORIZED")
	})

	t.Run("a_key_given_twice_is_401", func(t *testing.T) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.url+"/api/assignments", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header[keyHeader] = []string{internalKey, internalKey}
		got, err := send(req)
		if err != nil {
			t.Fatal(err)
		}
		got.wantError(t, http.StatusUnauthorized, "UNAUTHORIZED")
	})
}

func TestAuthWithoutConfiguredKey(t *testing.T) {
	for _, given := range []string{"", "anything"} {
		opened := requireKey("internal", "")(func(http.ResponseWriter, *http.Request) error { return nil })
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(keyHeader, given)
		if err := opened(nil, req); problemOf(err).status != http.StatusUnauthorized {
			t.Errorf("key %q: got %v", given, err)
		}
	}
}
