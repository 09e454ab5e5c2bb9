package stage

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/lib/pq"

	"github.com/assignment-go/assignment/bench/internal/wire"
)

// libpq returns a connector of lib/pq to the schema of the stage.
func (s *Stage) libpq(url string) (*pq.Connector, error) {
	invalid := errors.New("lib/pq does not accept the connection string") // without the password in it
	config, err := pq.NewConfig(url)
	if err != nil {
		return nil, invalid
	}
	if config.Runtime == nil {
		config.Runtime = make(map[string]string)
	}
	config.Runtime["search_path"] = s.Schema
	config.Runtime["application_name"] = applicationName
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, invalid
	}
	connector.Dialer(dialer{s.Wire})
	return connector, nil
}

var (
	_ pq.Dialer        = dialer{}
	_ pq.DialerContext = dialer{}
)

// dialer adds the methods that lib/pq needs to the counter.
type dialer struct{ *wire.Counter }

// Dial implements [pq.Dialer].
func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout implements [pq.Dialer].
func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}
