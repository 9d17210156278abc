package fakevendor

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// Account and AccessKey are the ids that the vendor's messages carry, and that
// no program may pass on.
const (
	Account   = "org-fake0a1b2c3d4e5f"
	AccessKey = "ak-fake9z8y7x6w5v4u"
)

// account is how the vendor's messages name the caller.
const account = "Your account " + Account + "<" + AccessKey + ">"

func authorised(o Options, r *http.Request) bool {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if len(o.Keys) == 0 {
		return ok && key == Key
	}
	return ok && slices.Contains(o.Keys, key)
}

// authorise refuses a caller without a key, with a wrong one, or with one of
// the vendor's other platform, which it can not tell from a wrong one.
func authorise(w http.ResponseWriter, o Options, r *http.Request) bool {
	if authorised(o, r) {
		return true
	}
	text := "Invalid Authentication"
	if key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		text = "Incorrect API key provided: " + key
	}
	answerError(w, http.StatusUnauthorized, "invalid_authentication_error", text)
	return false
}

// answerError writes the vendor's error envelope.
func answerError(w http.ResponseWriter, status int, kind, message string) {
	answerJSON(w, status, map[string]any{"error": map[string]any{"message": message, "type": kind}})
}

// answerLimit writes one of the vendor's 429 answers.
func answerLimit(w http.ResponseWriter, detail string) {
	answerError(w, http.StatusTooManyRequests, "rate_limit_reached_error", account+" "+detail)
}

func answerJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "stand-in: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	write(w, body)
}

// write writes to a caller who may be gone, which is none of our business.
func write(w http.ResponseWriter, b []byte) {
	_, _ = w.Write(b)
}
