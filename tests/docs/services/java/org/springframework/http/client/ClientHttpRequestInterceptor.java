package org.springframework.http.client;

import org.springframework.http.HttpRequest;

public interface ClientHttpRequestInterceptor { ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws java.io.IOException; }
