package fakevendor

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

const estimatePath = "/v1/tokenizers/estimate-token-count"

// DefaultModels returns the models that a server with none of its own knows.
func DefaultModels() []string {
	return []string{
		"kimi-k2.5", "kimi-k2.6", "kimi-k2.7-code", "kimi-k2.7-code-highspeed", "kimi-k3",
		"kimi-k2-0905-preview", "kimi-k2-0711-preview", "moonshot-v1-8k",
	}
}

// estimate handles the counting endpoint.
func (s *Server) estimate(w http.ResponseWriter, r *http.Request) {
	o := s.options()
	body, ok := s.read(w, r, orDefault(o.MaxBody, DefaultMaxBody))
	if !ok {
		s.record(Call{Path: estimatePath, Fault: s.next()})
		return
	}
	var req request
	parsed := json.Unmarshal(body, &req)
	sum := sha256.Sum256(body)
	call := Call{
		Path: estimatePath, Model: req.Model, Bytes: int64(len(body)),
		BodySHA256: hex.EncodeToString(sum[:]), Authorised: authorised(o, r),
	}
	call.Fault = s.next()
	s.record(call)
	release, limited := s.limit(w)
	defer release()
	if limited || !s.pause(r, o.Delay) || !authorise(w, o, r) {
		return
	}
	if f, ok := faults[call.Fault]; ok {
		f(s, w, r)
		return
	}
	if parsed != nil {
		answerError(w, http.StatusBadRequest, "invalid_request_error", "Invalid request: the body is not JSON")
		return
	}
	if !s.acceptable(w, o, req) {
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{"data": map[string]any{"total_tokens": count(o, req, body)}})
}

// acceptable refuses what the vendor refuses.
func (s *Server) acceptable(w http.ResponseWriter, o Options, req request) bool {
	models := o.Models
	if len(models) == 0 {
		models = DefaultModels()
	}
	invalid := func(detail string) bool {
		answerError(w, http.StatusBadRequest, "invalid_request_error", "Invalid request: "+detail)
		return false
	}
	switch {
	case req.Model == "":
		return invalid("model is required")
	case !slices.Contains(models, req.Model):
		answerError(w, http.StatusNotFound, "resource_not_found_error",
			"Not found the model "+req.Model+" or Permission denied")
		return false
	case len(req.Messages) == 0:
		return invalid("messages is required")
	case o.Covers.RefuseTools && len(req.Tools) > 0:
		return invalid("unknown field tools")
	}
	for _, m := range req.Messages {
		if o.Covers.RefuseToolRole && m.Role == "tool" {
			return invalid("unknown role tool")
		}
	}
	return true
}

// models handles the list of models.
func (s *Server) models(w http.ResponseWriter, r *http.Request) {
	o := s.options()
	s.record(Call{Path: r.URL.Path, Authorised: authorised(o, r)})
	if !authorise(w, o, r) {
		return
	}
	ids := o.Models
	if len(ids) == 0 {
		ids = DefaultModels()
	}
	type model struct {
		ID            string `json:"id"`
		Object        string `json:"object"`
		Created       int64  `json:"created"`
		OwnedBy       string `json:"owned_by"`
		ContextLength int64  `json:"context_length"`
		ImageIn       bool   `json:"supports_image_in"`
		VideoIn       bool   `json:"supports_video_in"`
		Reasoning     bool   `json:"supports_reasoning"`
	}
	data := make([]model, 0, len(ids))
	for _, id := range ids {
		modern := strings.HasPrefix(id, "kimi-k2.") || strings.HasPrefix(id, "kimi-k3")
		data = append(data, model{
			ID: id, Object: "model", Created: 1769472000, OwnedBy: "moonshot", ContextLength: 262144,
			ImageIn: modern, VideoIn: modern, Reasoning: modern,
		})
	}
	answerJSON(w, http.StatusOK, map[string]any{"object": "list", "data": data})
}

// balance handles the account's balance.
func (s *Server) balance(w http.ResponseWriter, r *http.Request) {
	o := s.options()
	s.record(Call{Path: r.URL.Path, Authorised: authorised(o, r)})
	if !authorise(w, o, r) {
		return
	}
	answerJSON(w, http.StatusOK, map[string]any{
		"code": 0, "scode": "0x0", "status": true,
		"data": map[string]any{"available_balance": 49.58894, "voucher_balance": 46.58893, "cash_balance": 3.00001},
	})
}

// chat refuses: a stand-in must never look as if it spent money.
func (s *Server) chat(w http.ResponseWriter, r *http.Request) {
	s.record(Call{Path: r.URL.Path, Authorised: authorised(s.options(), r)})
	answerError(w, http.StatusNotFound, "resource_not_found_error",
		"this is a stand-in for the vendor; it counts and does not chat")
}

func (s *Server) nowhere(w http.ResponseWriter, r *http.Request) {
	s.record(Call{Path: r.URL.Path, Authorised: authorised(s.options(), r)})
	http.Error(w, "404 page not found", http.StatusNotFound)
}

func (s *Server) record(c Call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
}

// next counts a counting call and chooses the fault it meets.
func (s *Server) next() Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counted++
	if len(s.queue) > 0 {
		f := s.queue[0]
		s.queue = s.queue[1:]
		return f
	}
	if every := max(s.opts.FaultEvery, 1); s.counted%every != 0 {
		return FaultNone
	}
	return s.opts.Fault
}

// limit holds a counting call against the account's limits.
func (s *Server) limit(w http.ResponseWriter) (release func(), limited bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if most := s.opts.Concurrency; most > 0 && s.busy >= most {
		answerLimit(w, fmt.Sprintf("request reached max organization concurrency: %d, please try again after 1 seconds", most))
		return func() {}, true
	}
	if most := s.opts.RPM; most > 0 {
		now := s.opts.Now()
		s.minute = slices.DeleteFunc(s.minute, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
		if len(s.minute) >= most {
			wait := time.Minute - now.Sub(s.minute[0])
			answerLimit(w, fmt.Sprintf("request reached organization max RPM: %d, please try again after %d seconds",
				most, (wait+time.Second-1)/time.Second))
			return func() {}, true
		}
		s.minute = append(s.minute, now)
	}
	s.busy++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.busy--
	}, false
}

// pause waits and reports whether the caller is still there.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
	case <-s.stop:
	}
	return false
}

func orDefault(v, d int64) int64 {
	if v == 0 {
		return d
	}
	return v
}
