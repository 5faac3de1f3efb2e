package org.springframework.http;

public class HttpHeaders extends java.util.TreeMap<String, String> { public void set(String name, String value) { put(name, value); } }
