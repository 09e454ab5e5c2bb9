package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/assignment-go/assignment"
)

func TestBody(t *testing.T) {
	a := newMemory(t)
	post := func(t *testing.T, body string, headers ...string) reply {
		t.Helper()
		return a.post(t, "/api/assignments", body, headers...)
	}

	t.Run("malformed_is_400", func(t *testing.T) {
		for name, body := range map[string]string{
			"none":           "",
			"not_JSON":       "user_id=u",
			"not_an_object":  `["u"]`,
			"null":           `null`,
			"truncated":      `{"user_id":"u"`,
			"trailing_comma": `{"user_id":"u",}`,
			"two_objects":    createBody("u", "s") + createBody("v", "s"),
			"trailing_text":  createBody("u", "s") + ` x`,
		} {
			t.Run(name, func(t *testing.T) {
				post(t, body, "Content-Type", "application/json").wantInvalid(t, "body")
			})
		}
	})

	t.Run("a_member_given_twice_is_400", func(t *testing.T) {
		for name, c := range map[string]struct{ path, body, field string }{
			"the_same":      {"/api/assignments", `{"user_id":"ana","scenario_id":"s","user_id":"victim"}`, "user_id"},
			"escaped":       {"/api/assignments", `{"user_id":"ana","scenario_id":"s","user\u005fid":"victim"}`, "user_id"},
			"equal_values":  {"/api/assignments", `{"user_id":"ana","scenario_id":"s","scenario_id":"s"}`, "scenario_id"},
			"other_case":    {"/api/assignments", `{"user_id":"ana","scenario_id":"s","USER_ID":"victim"}`, "USER_ID"},
			"case_alone":    {"/api/assignments", `{"User_Id":"victim","scenario_id":"s"}`, "User_Id"},
			"folded_letter": {"/api/assignments", `{"user_id":"ana","scenario_id":"s","u\u017fer_id":"victim"}`, "u\u017fer_id"},
			"of_a_bulk":     {"/api/assignments/bulk", `{"assignments":[],"assignments":[` + createBody("u", "s") + `]}`, "assignments"},
		} {
			t.Run(name, func(t *testing.T) {
				a.post(t, c.path, c.body).wantInvalid(t, c.field)
			})
		}
		t.Run("external", func(t *testing.T) {
			body := `{"user_id":"ana","USER_ID":"victim","scenario_id":"s"}`
			a.external().post(t, "/api/external/assignments", body).wantInvalid(t, "USER_ID")
		})
		t.Run("of_a_change", func(t *testing.T) {
			for body, field := range map[string]string{
				`{"status":"completed","status":"cancelled"}`: "status",
				`{"status":"completed","Status":"cancelled"}`: "Status",
			} {
				a.do(t, http.MethodPatch, "/api/assignments/i", body).wantInvalid(t, field)
			}
		})
	})

	t.Run("white_space_around_it_is_accepted", func(t *testing.T) {
		post(t, "\n "+createBody("u", "space")+" \r\n").want(t, http.StatusCreated)
	})

	t.Run("a_charset_is_accepted", func(t *testing.T) {
		post(t, createBody("u", "charset"), "Content-Type", "Application/JSON; charset=utf-8").want(t, http.StatusCreated)
	})

	t.Run("another_media_type_is_415", func(t *testing.T) {
		for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx", "application/json;;"} {
			post(t, createBody("u", "s"), "Content-Type", kind).
				wantError(t, http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE")
		}
	})

	t.Run("1_MiB_is_accepted", func(t *testing.T) {
		body := createBody("u", "large")
		body += strings.Repeat(" ", maxBodyBytes-len(body))
		post(t, body).want(t, http.StatusCreated)
	})

	t.Run("more_than_1_MiB_is_413", func(t *testing.T) {
		body := createBody("u", "larger")
		body += strings.Repeat(" ", maxBodyBytes-len(body)+1)
		post(t, body).wantError(t, http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
	})

	t.Run("far_more_than_1_MiB_is_413_and_closes_the_connection", func(t *testing.T) {
		got := post(t, strings.Repeat(" ", 32*maxBodyBytes))
		got.wantError(t, http.StatusRequestEntityTooLarge, "BODY_TOO_LARGE")
		if !got.closes {
			t.Error("the connection stays open, and the rest of the body is read")
		}
	})

	t.Run("a_body_that_does_not_arrive_is_408", func(t *testing.T) {
		got := sendSlowly(t)
		got.wantError(t, http.StatusRequestTimeout, "BODY_TOO_SLOW")
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://host/api/assignments", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if faults := a.spec.faults(req, "", got); len(faults) > 0 {
			t.Errorf("the response differs from the document: %v", faults)
		}
	})

	t.Run("every_operation_with_a_body_checks_it", func(t *testing.T) {
		for name, operation := range a.spec.operations() {
			if _, hasBody := operation["requestBody"]; !hasBody {
				continue
			}
			method, path, _ := strings.Cut(name, " ")
			side := a
			if strings.Contains(path, "external") {
				side = a.external()
			}
			path = strings.ReplaceAll(path, "{id}", "i")
			side.do(t, method, path, `{`).wantInvalid(t, "body")
			side.do(t, method, path, `{"x":1}`).wantInvalid(t, "x")
			side.do(t, method, path, `{}`, "Content-Type", "text/plain").want(t, http.StatusUnsupportedMediaType)
			side.do(t, method, path, strings.Repeat(" ", maxBodyBytes+1)).want(t, http.StatusRequestEntityTooLarge)
		}
	})
}

// sendSlowly sends a request without its body, and reads the response.
func sendSlowly(t *testing.T) reply {
	t.Helper()
	svc, err := assignment.NewService(open(t, ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	handler := newServer(svc, keys{internal: internalKey}, requestTimeout, jsonLog(t.Output()))
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// as if the server's ReadTimeout had expired
		if err := http.NewResponseController(w).SetReadDeadline(time.Now()); err != nil {
			t.Error(err)
		}
		handler.ServeHTTP(w, r)
	}))
	defer srv.Close()
	conn, replies := beginRequest(t, srv.Listener.Addr().String())
	defer conn.Close()
	res, err := http.ReadResponse(replies, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{status: res.StatusCode, header: res.Header, body: body, closes: res.Close}
}
