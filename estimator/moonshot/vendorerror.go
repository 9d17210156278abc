package moonshot

import (
	"errors"

	"tollgate/estimator"
)

// domain returns err as the domain knows failures of the vendor: an
// *[estimator.VendorError] around an *[Error], the context's error when the
// caller went away, and every other error as it is.
func domain(err error) error {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	if e.Kind == KindCanceled && e.cause != nil {
		return e.cause
	}
	return &estimator.VendorError{
		Kind: domainKind(e.Kind), Detail: e.Detail(), Status: e.Status, Type: e.Type, RetryAfter: e.RetryAfter, Cause: e,
	}
}

// domainKind returns what a caller has to know of a kind.
func domainKind(k Kind) estimator.VendorErrorKind {
	switch k {
	case KindInvalidRequest, KindAuth, KindPermission, KindModelNotFound, KindContentFilter, KindQuota, KindUnsupported:
		return estimator.VendorRefused
	case KindRateLimited, KindOverloaded:
		return estimator.VendorOverloaded
	case KindTimeout:
		return estimator.VendorTimedOut
	case KindUnavailable, KindBadAnswer, KindCanceled:
	}
	return estimator.VendorFailed
}
