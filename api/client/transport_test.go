package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/api"
	"tollgate/api/client"
)

// chatPath is where the vendor completes chats.
const chatPath = "/v1/chat/completions"

// vendor is a vendor who remembers what reached him.
type vendor struct {
	mu     sync.Mutex
	bodies []string
	header http.Header
}

func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil || r.ContentLength != int64(len(body)) {
		http.Error(w, "cut", http.StatusBadRequest)
		return
	}
	v.bodies, v.header = append(v.bodies, string(body)), r.Header
	_, _ = io.WriteString(w, "answered")
}

// reached is the bodies that reached the vendor.
func (v *vendor) reached() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.bodies
}

// checked is an HTTP client whose calls to the vendor are checked.
func checked(t *testing.T, c *client.Client, edit ...func(*client.Transport)) *http.Client {
	t.Helper()
	transport := &client.Transport{Client: c, Budget: client.Query{MaxCost: "0.02", Currency: client.CNY}}
	for _, f := range edit {
		f(transport)
	}
	return &http.Client{Transport: transport}
}

// post posts a body to the vendor, with his key.
func post(t *testing.T, c *http.Client, url, body string) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer sk-vendor")
	response, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { require.NoError(t, response.Body.Close()) }()
	answer, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return string(answer), nil
}

// with is hello with one more member in front.
func with(member string) string { return "{" + member + ", " + hello[1:] }

func TestNoCallReachesTheVendorThatTheBudgetDoesNotAllow(t *testing.T) {
	t.Parallel()
	url := serve(t)
	for _, tt := range []struct {
		name string
		body string
		edit func(*client.Transport)
		sent string // what reached the vendor; empty: nothing
		is   error
		says string
	}{
		{name: "within the budget", body: with(`"max_completion_tokens": 100`), sent: with(`"max_completion_tokens": 100`)},
		{name: "over it", body: hello, is: client.ErrOverBudget},
		{name: "over it, whatever the output", body: hello, is: client.ErrOverBudget, edit: func(tr *client.Transport) {
			tr.Budget.MaxCost, tr.LowerOutput = "0.000001", true
		}},
		{name: "no price", body: priceless, is: client.ErrUnknown, edit: allowAway},
		{name: "no count", body: pictured, is: client.ErrUnknown, edit: allowAway},
		{name: "the vendor would refuse it", body: hot, is: client.ErrInvalid, edit: allowAway},
		{name: "no JSON", body: "{", says: "tollgate answers 400", edit: allowAway},
		{name: "no body", body: "", says: "tollgate answers 400", edit: allowAway},
		{name: "an empty budget", body: hello, says: "budget is empty", edit: func(tr *client.Transport) { tr.Budget = client.Query{} }},
		{name: "no client", body: hello, says: "has no Client", edit: func(tr *client.Transport) { tr.Client = nil }},
		{name: "larger than is checked", body: hello, says: "larger than 20 bytes", edit: func(tr *client.Transport) { tr.MaxBodyBytes = 20 }},
		{name: "as large as is checked", body: with(`"max_tokens": 9`), sent: with(`"max_tokens": 9`), edit: func(tr *client.Transport) {
			tr.MaxBodyBytes = int64(len(with(`"max_tokens": 9`)))
		}},
		{name: "lowered", body: hello, edit: lowering(1), sent: `{"max_completion_tokens":738,` + hello[1:]},
		{name: "lowered, the older name", body: with(`"max_tokens": 9999`), edit: lowering(1), sent: with(`"max_tokens": 738`)},
		{name: "lowered, both names", body: with(`"max_tokens": 9999, "max_completion_tokens" : 5000`), edit: lowering(1), sent: with(`"max_tokens": 738, "max_completion_tokens" : 738`)},
		{name: "too low to be of use", body: hello, edit: lowering(1000), is: client.ErrOverBudget},
		{name: "lowered, for the window", body: with(`"max_completion_tokens": 999999`), sent: with(`"max_completion_tokens": 262135`), edit: func(tr *client.Transport) {
			tr.LowerOutput, tr.Budget = true, client.Query{MaxPromptTokens: new(int64(100))}
		}},
		{name: "an assumed output, and a smaller one asked for", body: with(`"max_completion_tokens": 5`), sent: with(`"max_completion_tokens": 5`), edit: func(tr *client.Transport) {
			tr.LowerOutput, tr.Budget.CompletionTokens = true, new(int64(5000))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := &vendor{}
			edit := func(tr *client.Transport) {
				if tt.edit != nil {
					tt.edit(tr)
				}
			}
			answer, err := post(t, checked(t, asking(t, url), edit), listen(t, v)+chatPath, tt.body)
			if tt.sent != "" {
				require.NoError(t, err)
				require.Equal(t, "answered", answer)
				require.Equal(t, []string{tt.sent}, v.reached())
				require.Equal(t, "Bearer sk-vendor", v.header.Get("Authorization"))
				return
			}
			require.Empty(t, v.reached())
			require.ErrorContains(t, err, tt.says)
			if tt.is != nil {
				require.ErrorIs(t, err, tt.is)
				denied, ok := errors.AsType[*client.DeniedError](err)
				require.True(t, ok, "%v", err)
				require.NotNil(t, denied.Estimate)
			}
		})
	}
}

func allowAway(tr *client.Transport) { tr.WhenAway = client.AllowWhenAway }

// lowering lets calls through with less output, but for so many tokens.
func lowering(least int64) func(*client.Transport) {
	return func(tr *client.Transport) { tr.LowerOutput, tr.LeastOutput = true, least }
}

// Only chat completions are asked about.
func TestWhatIsNoChatPassesUnasked(t *testing.T) {
	t.Parallel()
	c := wired(t, func(*http.Request) (*http.Response, error) {
		t.Error("it was asked")
		return nil, io.EOF
	})
	v := &vendor{}
	url := listen(t, v)
	for _, path := range []string{"/v1/files", "/v1/tokenizers/estimate-token-count", "/v1/chat", "/v1/completions", "/chat/completionss"} {
		_, err := post(t, checked(t, c), url+path, "any "+path)
		require.NoError(t, err)
	}
	response, err := checked(t, c).Get(url + chatPath)
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	require.Len(t, v.reached(), 6)
}

func TestAChatIsToldByItsPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]bool{
		chatPath: true, "/chat/completions": true, "/proxy/v1/chat/completions/": true, "/v1//chat/./completions": true, "/V1/Chat/Completions": true, "/v1/chat%2Fcompletions": true,
		"/v1/chat/completions/1": false, "/v1/embeddings": false, "/": false, "": false,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://vendor.test"+path, nil)
		require.NoError(t, err)
		require.Equal(t, want, client.IsChatCompletion(req), path)
		req.Method = http.MethodGet
		require.False(t, client.IsChatCompletion(req), path)
	}
	v := &vendor{}
	_, err := post(t, checked(t, asking(t, serve(t)), func(tr *client.Transport) {
		tr.Applies = func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/deployments/") }
	}), listen(t, v)+"/deployments/1", hello)
	require.ErrorIs(t, err, client.ErrOverBudget)
	require.Empty(t, v.reached())
}

// Away is what waiting helps against. What to do then is for the caller to say.
func TestWhileTollgateIsAwayCallsAreRefusedUnlessTheCallerSaysOtherwise(t *testing.T) {
	t.Parallel()
	reply := func(status int) wire {
		return func(*http.Request) (*http.Response, error) { return says(status, problem(status, "x")), nil }
	}
	for _, tt := range []struct {
		name   string
		answer wire
		away   bool
	}{
		{name: "nobody listens", answer: func(*http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }, away: true},
		{name: "overloaded", answer: reply(503), away: true},
		{name: "failed", answer: reply(500), away: true},
		{name: "limited", answer: reply(429), away: true},
		{name: "a wrong key", answer: reply(403)},
		{name: "an unknown model", answer: reply(422)},
		{name: "something else listens", answer: func(*http.Request) (*http.Response, error) { return says(200, "hello"), nil }},
	} {
		for policy, passes := range map[client.WhenAway]bool{client.RefuseWhenAway: false, client.AllowWhenAway: tt.away, 99: false} {
			v := &vendor{}
			_, err := post(t, checked(t, wired(t, tt.answer), func(tr *client.Transport) { tr.WhenAway = policy }), listen(t, v)+chatPath, hello)
			if passes {
				require.NoError(t, err, tt.name)
				require.Equal(t, []string{hello}, v.reached())
				continue
			}
			require.Equal(t, tt.away, errors.Is(err, client.ErrUnavailable), "%s: %v", tt.name, err)
			require.Error(t, err, tt.name)
			require.Empty(t, v.reached(), tt.name)
		}
	}
}

// A tollgate that hangs counts as away, and a caller who gives up does not make
// it so.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hangs := wire(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		calls := atomic.Int32{}
		transport := &client.Transport{
			Client: wired(t, hangs), Budget: client.Query{MaxCost: "1", Currency: client.CNY}, WhenAway: client.AllowWhenAway, Patience: time.Second,
			Base: wire(func(*http.Request) (*http.Response, error) {
				calls.Add(1)
				return says(http.StatusOK, "{}"), nil
			}),
		}
		began := time.Now()
		_, err := post(t, &http.Client{Transport: transport}, "http://vendor.test"+chatPath, hello)
		require.NoError(t, err)
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, int32(1), calls.Load())

		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://vendor.test"+chatPath, strings.NewReader(hello))
		require.NoError(t, err)
		_, err = transport.RoundTrip(req) //nolint:bodyclose // there is none
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, int32(1), calls.Load())
	})
}

// closing is a body that notes that it was closed.
type closing struct {
	io.Reader

	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

// What [http.RoundTripper] asks of those who implement it.
func TestARequestIsClosedAndNotChanged(t *testing.T) {
	t.Parallel()
	url := serve(t)
	broken := io.MultiReader(strings.NewReader(hello[:9]), wireReader(func([]byte) (int, error) { return 0, io.ErrClosedPipe }))
	for _, body := range []io.Reader{strings.NewReader(hello), strings.NewReader(with(`"max_tokens": 1`)), broken, strings.NewReader("{")} {
		at := &closing{Reader: body}
		v := &vendor{}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, listen(t, v)+chatPath, at)
		require.NoError(t, err)
		before := *req
		response, err := (&client.Transport{Client: asking(t, url), Budget: client.Query{MaxCost: "0.02", Currency: client.CNY}, LowerOutput: true}).RoundTrip(req)
		if err == nil {
			require.NoError(t, response.Body.Close())
		}
		require.True(t, at.closed)
		require.Equal(t, before, *req)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+chatPath, strings.NewReader(hello))
	require.NoError(t, err)
	req.Header.Set("Content-Encoding", "gzip")
	_, err = checked(t, asking(t, url)).Do(req) //nolint:bodyclose // there is none
	require.ErrorContains(t, err, "compressed")
}

// wireReader is a reader that is a function.
type wireReader func([]byte) (int, error)

func (r wireReader) Read(b []byte) (int, error) { return r(b) }

// The body can be given again: net/http wants that to follow a 307 and to send
// anew over a new connection.
func TestACheckedRequestCanBeSentAgain(t *testing.T) {
	t.Parallel()
	v := &vendor{}
	there := listen(t, v) + chatPath
	first := listen(t, http.RedirectHandler(there, http.StatusPermanentRedirect)) + chatPath
	body := with(`"max_tokens": 1`)
	_, err := post(t, checked(t, asking(t, serve(t))), first, body)
	require.NoError(t, err)
	require.Equal(t, []string{body}, v.reached())
}

// A stream arrives as it is sent, piece by piece.
func TestAStreamIsNotHeldBack(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	url := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for range 3 {
			_, _ = io.WriteString(w, "data: {}\n")
			_ = http.NewResponseController(w).Flush()
			<-next // until the caller has read it
		}
	}))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+chatPath, strings.NewReader(with(`"stream": true, "max_tokens": 1`)))
	require.NoError(t, err)
	response, err := checked(t, asking(t, serve(t))).Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, response.Body.Close()) }()
	lines := bufio.NewScanner(response.Body)
	for range 3 {
		require.True(t, lines.Scan())
		require.Equal(t, "data: {}", lines.Text())
		next <- struct{}{}
	}
	require.False(t, lines.Scan())
	require.NoError(t, lines.Err())
}

func TestTheKeysAreKeptApart(t *testing.T) {
	t.Parallel()
	h, err := handler(func(o *api.Options) { o.APIKeys = api.NewKeyring("tollgate-key") })
	require.NoError(t, err)
	var seen []string
	tollgate := listen(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		h.ServeHTTP(w, r)
	}))
	v := &vendor{}
	c := asking(t, tollgate, func(o *client.Options) { o.APIKey = "tollgate-key" })
	_, err = post(t, checked(t, c), listen(t, v)+chatPath, with(`"max_tokens": 1`))
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer tollgate-key"}, seen)
	require.Equal(t, "Bearer sk-vendor", v.header.Get("Authorization"))
}

func TestIdleConnectionsOfTheBaseAreClosed(t *testing.T) {
	t.Parallel()
	base := &closer{}
	(&http.Client{Transport: &client.Transport{Base: base}}).CloseIdleConnections()
	require.True(t, base.closed)
	(&client.Transport{Base: wire(nil)}).CloseIdleConnections() // has none
}

type closer struct {
	http.RoundTripper

	closed bool
}

func (c *closer) CloseIdleConnections() { c.closed = true }

// What is to be sent is what was asked about last: a service that still says no
// is believed.
func TestALoweredCallIsAskedAboutAgain(t *testing.T) {
	t.Parallel()
	capped := allowed(`"decision":"allow"`, `"decision":"allow_with_caps","caps":{"max_completion_tokens":42}`)
	capped = strings.Replace(capped, `"reasons":[]`, `"reasons":[{"code":"cost_over_budget","message":"too much"}]`, 1)
	var asked []string
	c := wired(t, func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		asked = append(asked, string(body))
		return says(http.StatusOK, capped), nil
	})
	v := &vendor{}
	_, err := post(t, checked(t, c, lowering(1)), listen(t, v)+chatPath, hello)
	require.ErrorIs(t, err, client.ErrOverBudget)
	require.ErrorContains(t, err, "with max_completion_tokens lowered to 42")
	require.Equal(t, []string{hello, `{"max_completion_tokens":42,` + hello[1:]}, asked)
	require.Empty(t, v.reached())
}
