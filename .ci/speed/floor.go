package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"tollgate/estimator/moonshot/fakevendor"
)

// answer600 is the constant answer of a floor: about as long as the numbers of
// an estimate without their names.
var answer600 = []byte(`{"object":"floor","text":"` + strings.Repeat("0123456789", 57) + "\"}\n")

// serveFloor serves one of the floors until the process ends:
//
//	gin ADDR            reads the body and answers the same every time
//	sha ADDR            reads it in chunks through SHA-256
//	scan ADDR           the same, and looks for quotes and backslashes
//	vendor ADDR DELAY   the vendor, who answers after so long
//	sink ADDR DELAY     a vendor who does not look at what is large
//	forward ADDR URL    gin in front of that vendor: hash, forward, answer
//	spool ADDR URL      the same by way of a file
//	relay ADDR URL      passes bytes on and back, and knows nothing of HTTP
//	awake               does nothing, on all of its cores
//
// and runs what makes the load of row 3: probe URL KNOWN, and crowd; and of row
// 4: own URL.
func serveFloor(name string, args []string) error {
	if name == "crowd" {
		return runCrowd()
	}
	if name == "awake" {
		stayAwake()
		return nil
	}
	if len(args) == 0 {
		return fmt.Errorf("floor %s wants an address", name)
	}
	if name == "relay" {
		return relay(args[0], strings.TrimPrefix(args[1], "http://"))
	}
	if name == "own" {
		return runOwn(args[0])
	}
	if name == "probe" {
		return runProbe(args[0], args[1])
	}
	if name == "profiled" {
		return serveProfiled(args[0], args[1])
	}
	var h http.Handler
	switch name {
	case "gin":
		h = ginFloor(readAll)
	case "sha":
		h = ginFloor(readThroughHash)
	case "scan":
		h = ginFloor(readThroughHashAndScan)
	case "vendor":
		delay, err := time.ParseDuration(args[1])
		if err != nil {
			return err
		}
		h = promptVendor(delay)
	case "sink":
		delay, err := time.ParseDuration(args[1])
		if err != nil {
			return err
		}
		h = sink(delay)
	case "forward":
		h = ginFloor(forward(args[1]))
	case "spool":
		h = ginFloor(spool(args[1]))
	default:
		return fmt.Errorf("no floor is called %s", name)
	}
	// The limits are those of the service.
	server := &http.Server{
		Addr: args[0], Handler: h, MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 60 * time.Second,
		WriteTimeout: 90 * time.Second, IdleTimeout: 15 * time.Second,
	}
	return server.ListenAndServe()
}

// ginFloor is gin and nothing but a handler.
func ginFloor(h gin.HandlerFunc) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.POST("/*path", h)
	return r
}

func readAll(c *gin.Context) {
	body := make([]byte, c.Request.ContentLength)
	if _, err := io.ReadFull(c.Request.Body, body); err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	answer(c)
}

func readThroughHash(c *gin.Context) { readThrough(c, sha256.New()) }

func readThroughHashAndScan(c *gin.Context) { readThrough(c, &scanned{Hash: sha256.New()}) }

// scanned is a hash that also looks at every byte of what it is given for what
// any reader of JSON looks for.
type scanned struct {
	hash.Hash

	found int
}

// Write hashes and scans.
func (s *scanned) Write(p []byte) (int, error) {
	for _, b := range []byte{'"', '\\'} {
		s.found += bytes.Count(p, []byte{b})
	}
	return s.Hash.Write(p)
}

func readThrough(c *gin.Context, sum hash.Hash) {
	buf := make([]byte, min(c.Request.ContentLength, 64<<10))
	if _, err := io.CopyBuffer(struct{ io.Writer }{sum}, struct{ io.Reader }{c.Request.Body}, buf); err != nil {
		c.Status(http.StatusBadRequest)
		return
	}
	sum.Sum(nil)
	answer(c)
}

func answer(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(answer600)))
	_, _ = c.Writer.Write(answer600)
}

// promptVendor is the fake vendor whose delay is exact: it does not sleep, for
// a core that sleeps needs some time to wake, and other times every time.
func promptVendor(delay time.Duration) http.Handler {
	vendor := fakevendor.New(fakevendor.Options{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for began := time.Now(); time.Since(began) < delay; {
		}
		vendor.ServeHTTP(w, r)
	})
}

// sink is the fake vendor, but that it reads a large body and drops it: what a
// vendor does with one is not to be measured, and he has no core of his own.
func sink(delay time.Duration) http.Handler {
	const large, atOnce = 1 << 20, 256 << 10
	vendor := fakevendor.New(fakevendor.Options{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(delay)
		if r.ContentLength < large {
			vendor.ServeHTTP(w, r)
			return
		}
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r.Body, make([]byte, atOnce))
		if err != nil || n != r.ContentLength {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"data":{"total_tokens":1034}}`)
	})
}

// spool hashes every body on its way into a file, and asks a vendor with that.
// A small one is only hashed.
func spool(vendor string) gin.HandlerFunc {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	return func(c *gin.Context) {
		const small = 1 << 20
		if c.Request.ContentLength < small {
			readThroughHash(c)
			return
		}
		file, err := os.CreateTemp("", "speed-*")
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		defer func() { _, _ = file.Close(), os.Remove(file.Name()) }()
		sum, buf := sha256.New(), make([]byte, 64<<10)
		to := io.MultiWriter(sum, file)
		if _, err := io.CopyBuffer(to, struct{ io.Reader }{c.Request.Body}, buf); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		// A reader over a part of a file keeps the kernel from sending it by
		// itself, which it could not do over TLS either.
		req, err := http.NewRequestWithContext(c.Request.Context(), http.MethodPost, vendor+tokenCountPath,
			io.NewSectionReader(file, 0, c.Request.ContentLength))
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		req.ContentLength = c.Request.ContentLength
		ask(c, client, req)
	}
}

// forward asks a vendor for every body.
func forward(vendor string) gin.HandlerFunc {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	return func(c *gin.Context) {
		body := make([]byte, c.Request.ContentLength)
		if _, err := io.ReadFull(c.Request.Body, body); err != nil {
			c.Status(http.StatusBadRequest)
			return
		}
		sha256.Sum256(body)
		req, err := http.NewRequestWithContext(c.Request.Context(), http.MethodPost, vendor+tokenCountPath, bytes.NewReader(body))
		if err != nil {
			c.Status(http.StatusInternalServerError)
			return
		}
		ask(c, client, req)
	}
}

// ask asks a vendor, and answers when he does.
func ask(c *gin.Context, client *http.Client, req *http.Request) {
	req.Header.Set("Authorization", "Bearer "+fakevendor.Key)
	req.Header.Set("Content-Type", "application/json")
	got, err := client.Do(req)
	if err != nil {
		c.Status(http.StatusBadGateway)
		return
	}
	defer func() { _ = got.Body.Close() }()
	if _, err := io.Copy(io.Discard, got.Body); err != nil || got.StatusCode != http.StatusOK {
		c.Status(http.StatusBadGateway)
		return
	}
	answer(c)
}

// relay passes what it reads of a caller on to an address, and what it reads
// there back, one after the other: the least that anybody between the two has to
// do. Requests and answers must each come in one packet.
func relay(addr, to string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	for {
		caller, err := l.Accept()
		if err != nil {
			return err
		}
		vendor, err := net.Dial("tcp", to)
		if err != nil {
			return err
		}
		go func() {
			defer func() { _, _ = caller.Close(), vendor.Close() }()
			buf := make([]byte, 64<<10)
			for pass(vendor, caller, buf) && pass(caller, vendor, buf) {
			}
		}()
	}
}

// pass passes on what one read returns, and reports whether it could.
func pass(to io.Writer, from io.Reader, buf []byte) bool {
	n, err := from.Read(buf)
	if err == nil {
		_, err = to.Write(buf[:n])
	}
	return err == nil
}

// stayAwake keeps its cores busy for ten minutes, if nobody ends the process
// before. It must be of a lower priority than all that matters.
func stayAwake() {
	var cores sync.WaitGroup
	for range runtime.NumCPU() {
		cores.Go(func() {
			for began := time.Now(); time.Since(began) < 10*time.Minute; {
			}
		})
	}
	cores.Wait()
}

// tokenCountPath is where the vendor counts.
const tokenCountPath = "/v1/tokenizers/estimate-token-count"
