// Package grpc has the types of google.golang.org/grpc that an interceptor names.
package grpc

import "context"

type (
	UnaryServerInfo struct{}
	ClientConn      struct{}
	CallOption      interface{}
	UnaryHandler    func(ctx context.Context, req any) (any, error)
	UnaryInvoker    func(ctx context.Context, method string, req, reply any, cc *ClientConn, opts ...CallOption) error
)
