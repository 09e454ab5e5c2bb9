package main

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/memory"
)

func TestOpenAPI(t *testing.T) {
	s := loadSpec(t)

	t.Run("describes_every_route_and_no_other", func(t *testing.T) {
		var served []string
		for _, r := range new(server).routes(keys{}) {
			served = append(served, r.method+" "+r.path)
		}
		slices.Sort(served)
		documented := slices.Sorted(maps.Keys(s.operations()))
		if !slices.Equal(served, documented) {
			t.Errorf("served:     %v\ndocumented: %v", served, documented)
		}
	})

	t.Run("every_documented_operation_exists", func(t *testing.T) {
		a := newMemory(t)
		for name := range s.operations() {
			method, path, _ := strings.Cut(name, " ")
			got := a.do(t, method, strings.ReplaceAll(path, "{id}", "nobody"), "")
			if got.status == http.StatusMethodNotAllowed || strings.Contains(string(got.body), "nothing at this path") {
				t.Errorf("%s: %d %s", name, got.status, got.body)
			}
		}
	})

	t.Run("is_served_without_a_key", func(t *testing.T) {
		a := newMemory(t)
		a.key = ""
		got := a.do(t, http.MethodGet, "/openapi.json", "").want(t, http.StatusOK)
		if !bytes.Equal(got.body, description) {
			t.Error("another document is served")
		}
	})

	t.Run("lists_the_statuses_of_the_lifecycle", func(t *testing.T) {
		store := memory.New(nil)
		var documented []assignment.Status
		for _, name := range s.resolve(object{"$ref": "#/components/schemas/Status"})["enum"].([]any) {
			documented = append(documented, assignment.Status(name.(string)))
		}
		if known := store.Policy().Lifecycle.Statuses(); !slices.Equal(known, documented) {
			t.Errorf("lifecycle: %v\ndocumented: %v", known, documented)
		}
	})

	t.Run("every_reference_exists", func(t *testing.T) {
		checkReferences(t, s, s.doc)
	})

	t.Run("all_documented_members_are_accepted", func(t *testing.T) {
		a := newMemory(t)
		const whole = `"user_id":"u","due_date":"2030-01-31T12:00:00+02:00"`
		for path, body := range map[string]string{
			"/api/external/assignments": `{"scenario_id":"s",` + whole + `}`,
			"/api/assignments":          `{"scenario_id":"t",` + whole + `,"assigned_by":"a","account_id":"c"}`,
		} {
			side := a
			if strings.Contains(path, "external") {
				side = a.external()
			}
			members, err := parseJSON([]byte(body))
			if err != nil {
				t.Fatal(err)
			}
			operation, _ := s.operation(http.MethodPost, path)
			schema := operation["requestBody"].(object)["content"].(object)["application/json"].(object)["schema"].(object)
			for name := range s.resolve(schema)["properties"].(object) {
				if _, sent := members.(object)[name]; !sent {
					t.Errorf("%s: %s is documented, but this test does not send it", path, name)
				}
			}
			side.post(t, path, body).want(t, http.StatusCreated)
		}
	})
}

func checkReferences(t *testing.T, s spec, node any) {
	t.Helper()
	switch node := node.(type) {
	case object:
		if ref, ok := node["$ref"].(string); ok {
			var at any = s.doc
			for step := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
				inner, _ := at.(object)
				at = inner[step]
			}
			if at == nil {
				t.Errorf("%s does not exist", ref)
			}
		}
		for _, member := range node {
			checkReferences(t, s, member)
		}
	case []any:
		for _, member := range node {
			checkReferences(t, s, member)
		}
	}
}

// TestSpecFaults shows that the check of the other tests finds each kind of fault.
func TestSpecFaults(t *testing.T) {
	s := loadSpec(t)
	const good = `{"assignment":{"id":"i","user_id":"u","scenario_id":"s","status":"pending",` +
		`"created_at":"2030-01-01T00:00:00Z","updated_at":"2030-01-01T00:00:00Z","version":1}}`
	header := func(without string) http.Header {
		h := http.Header{"Content-Type": {"application/json"}, "X-Request-Id": {"r"}, "Etag": {`"1"`}}
		h.Del(without)
		return h
	}
	cases := []struct {
		name, path string
		reply      reply
		want       string
	}{
		{"a_good_response_passes", "/api/assignments/i", reply{200, header(""), []byte(good), false}, ""},
		{"undocumented_operation", "/api/other/i", reply{200, header(""), []byte(good), false}, "operation is missing"},
		{"undocumented_status", "/api/assignments/i", reply{202, header(""), []byte(good), false}, "status is missing"},
		{"missing_header", "/api/assignments/i", reply{200, header("ETag"), []byte(good), false}, "header ETag"},
		{"undocumented_header", "/openapi.json", reply{200, header(""), []byte(`{"openapi":"","info":{},"paths":{}}`), false}, "Etag is not documented"},
		{"other_content_type", "/api/assignments/i", reply{200, header("Content-Type"), []byte(good), false}, "content type"},
		{"not_json", "/api/assignments/i", reply{200, header(""), []byte("pending"), false}, "not JSON"},
		{"missing_member", "/api/assignments/i", reply{200, header(""), []byte(strings.Replace(good, `"version":1`, `"assigned_by":""`, 1)), false}, "lacks version"},
		{"undocumented_member", "/api/assignments/i", reply{200, header(""), []byte(strings.Replace(good, `"version"`, `"x":1,"version"`, 1)), false}, "has x"},
		{"other_type", "/api/assignments/i", reply{200, header(""), []byte(strings.Replace(good, `:1}`, `:"1"}`, 1)), false}, "not of type integer"},
		{"below_the_minimum", "/api/assignments/i", reply{200, header(""), []byte(strings.Replace(good, `:1}`, `:0}`, 1)), false}, "less than 1"},
		{"unknown_status_name", "/api/assignments/i", reply{200, header(""), []byte(strings.Replace(good, "pending", "open", 1)), false}, "none of"},
		{"not_a_time", "/api/assignments/i", reply{200, header(""), []byte(strings.Replace(good, "2030-01-01T00", "soon", 1)), false}, "not a date-time"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host"+c.path, http.NoBody)
			if err != nil {
				t.Fatal(err)
			}
			found := strings.Join(s.faults(req, "", c.reply), "; ")
			if c.want == "" && found != "" || !strings.Contains(found, c.want) {
				t.Errorf("got %q, want %q", found, c.want)
			}
		})
	}
}
