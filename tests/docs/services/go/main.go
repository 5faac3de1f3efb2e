// Ask the page's program: a call with the tag, one of a request without it, and one of another goroutine, by HTTP and gRPC.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"services.test/graytag"
)

type seen struct{ tag string }

func (s *seen) RoundTrip(r *http.Request) (*http.Response, error) {
	s.tag = r.Header.Get("x-gray-tag")
	return &http.Response{Body: http.NoBody, StatusCode: 200}, nil
}

func byHTTP(tag string, run func(func())) string {
	wire := &seen{}
	client := http.Client{Transport: graytag.Transport{Base: wire}}
	request := httptest.NewRequest("GET", "/", nil)
	if tag != "" {
		request.Header.Set("X-Gray-Tag", tag)
	}
	graytag.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		run(func() {
			call, _ := http.NewRequestWithContext(r.Context(), "GET", "http://cart/price", nil)
			_, _ = client.Do(call)
		})
	})).ServeHTTP(httptest.NewRecorder(), request)
	return wire.tag
}

func byGRPC(tag string, run func(func())) (found string) {
	ctx := context.Background()
	if tag != "" {
		ctx = metadata.Arriving(ctx, "x-gray-tag", tag)
	}
	_, _ = graytag.Serve(ctx, nil, nil, func(ctx context.Context, _ any) (any, error) {
		run(func() {
			_ = graytag.Call(ctx, "/cart/Price", nil, nil, nil,
				func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
					found = strings.Join(metadata.Leaving(ctx, "x-gray-tag"), ",")
					return nil
				})
		})
		return nil, nil
	})
	return found
}

func both(tag string, run func(func())) string {
	one, other := byHTTP(tag, run), byGRPC(tag, run)
	if one != other {
		return one + "/" + other
	}
	return one
}

func main() {
	here := func(task func()) { task() }
	apart := func(task func()) {
		done := make(chan bool)
		go func() { task(); done <- true }()
		<-done
	}
	fmt.Println("request=" + both("gray", here))
	fmt.Println("next=" + both("", here))
	fmt.Println("thread=" + both("gray", apart))
}
