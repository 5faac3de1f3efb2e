package org.springframework.web.filter;

import jakarta.servlet.*;
import jakarta.servlet.http.*;

public abstract class OncePerRequestFilter {
    public void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws java.io.IOException, ServletException {
        doFilterInternal(request, response, chain);
    }

    protected abstract void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain) throws ServletException, java.io.IOException;
}
