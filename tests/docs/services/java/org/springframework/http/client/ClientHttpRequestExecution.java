package org.springframework.http.client;

import org.springframework.http.HttpRequest;

public interface ClientHttpRequestExecution { ClientHttpResponse execute(HttpRequest request, byte[] body) throws java.io.IOException; }
