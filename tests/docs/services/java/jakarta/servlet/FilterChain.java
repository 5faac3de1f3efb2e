package jakarta.servlet;

import jakarta.servlet.http.*;

public interface FilterChain { void doFilter(HttpServletRequest request, HttpServletResponse response) throws java.io.IOException, ServletException; }
