package moonshot

import (
	"errors"
	"net/url"
	"strings"
)

// platform is one of the vendor's two shops. They look the same and share
// nothing: accounts, balances and keys of one are unknown to the other.
type platform struct {
	name  string // as a person knows it
	host  string // of the API; empty for a host that is neither
	bills string // currency
	other string // the shop that a refused key may belong to
}

// platformOf returns the platform that a host of the API belongs to.
func platformOf(host string) platform {
	const (
		cn = "platform.kimi.com (api.moonshot.cn, bills CNY)"
		ai = "platform.kimi.ai (api.moonshot.ai, bills USD)"
	)
	switch host {
	case "api.moonshot.cn":
		return platform{name: cn, host: host, bills: "CNY", other: ai}
	case "api.moonshot.ai":
		return platform{name: ai, host: host, bills: "USD", other: cn}
	default:
		return platform{name: "a host of your own"}
	}
}

// parseBase checks a base URL. Its errors never quote it: it may hold a
// password.
func parseBase(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil:
		return nil, errors.New("the base URL is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("the base URL must begin with https:// or http://")
	case u.Hostname() == "":
		return nil, errors.New("the base URL names no host")
	case u.User != nil:
		return nil, errors.New("the base URL must not carry a user name or a password; the key is set apart from it")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the base URL must have no query and no fragment")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, atVendor(u)
}

// atVendor checks a base URL that points to the vendor itself.
func atVendor(u *url.URL) error {
	host := platformOf(u.Hostname()).host
	switch {
	case host == "":
		return nil
	case u.Scheme != "https":
		return errors.New("the vendor is reached by https only: https://" + host + "/v1")
	case u.Path != "/v1":
		return errors.New("the base URL must end in /v1, as in https://" + host + "/v1")
	}
	return nil
}
