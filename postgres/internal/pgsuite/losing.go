package pgsuite

import (
	"context"
	"errors"
	"net/url"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment"
	"github.com/assignment-go/assignment/internal/faultproxy"
)

// losing opens a store whose connections run through a proxy that takes away the
// end of the reply to the next write, by which time the server has committed it.
func losing(
	ctx context.Context, dsn string, policy assignment.Policy, open Opener, meanwhile func(),
) (store assignment.Store, closeAll func(), err error) {
	var armed, carriedOut atomic.Bool
	plan := func(m faultproxy.Message) faultproxy.Action {
		switch {
		case m.From == faultproxy.Server && m.Type == 'C' && armed.CompareAndSwap(true, false):
			carriedOut.Store(true)
		case m.EndsReply() && carriedOut.CompareAndSwap(true, false):
			meanwhile()
			return faultproxy.Action{Kind: faultproxy.CutBefore}
		}
		return faultproxy.Action{}
	}
	config, err := pgconn.ParseConfig(dsn)
	if err != nil {
		return nil, nil, err
	}
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	//nolint:contextcheck // the proxy lives until it is closed
	proxy, err := faultproxy.Listen(network, address, plan)
	if err != nil {
		return nil, nil, err
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: proxy.Addr(), Path: "/" + config.Database,
		RawQuery: url.Values{"sslmode": {"disable"}, "search_path": {config.RuntimeParams["search_path"]}}.Encode(),
	}
	h, err := open(ctx, u.String(), policy)
	if err != nil {
		return nil, nil, errors.Join(err, proxy.Close())
	}
	armed.Store(true)
	return h.Store, func() {
		h.Close()
		_ = proxy.Close()
	}, nil
}
