package faults

import (
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/assignment-go/assignment/internal/faultproxy"
)

// target is a server that callers reach through a proxy.
type target struct {
	network, address string
	values           url.Values
	user             *url.Userinfo
	database         string
}

// newTarget parses a DSN, so that its address can be replaced.
func newTarget(dsn, application string) (*target, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	t := &target{
		values:   url.Values{"sslmode": {"disable"}, "application_name": {application}},
		user:     url.UserPassword(config.User, config.Password),
		database: config.Database,
	}
	t.network, t.address = pgconn.NetworkAddress(config.Host, config.Port)
	if path := config.RuntimeParams["search_path"]; path != "" {
		t.values.Set("search_path", path)
	}
	return t, nil
}

// through returns the DSN of the target by way of the proxy.
func (t *target) through(p *faultproxy.Proxy) string {
	u := url.URL{Scheme: "postgres", Host: p.Addr(), User: t.user, Path: "/" + t.database, RawQuery: t.values.Encode()}
	return u.String()
}
