package org.springframework.http;

public interface HttpRequest { HttpHeaders getHeaders(); }
