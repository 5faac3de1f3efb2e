import java.util.concurrent.atomic.AtomicReference;
import org.springframework.http.HttpHeaders;

/** Asks the page's program: a call with the tag, one of a request without it, and one of another thread. */
public class Main {
    static final GrayTag TAG = new GrayTag();

    static String call() {
        HttpHeaders headers = new HttpHeaders();
        try {
            TAG.intercept(() -> headers, new byte[0], (request, body) -> null);
        } catch (java.io.IOException wrong) {
            return wrong.toString();
        }
        return headers.getOrDefault("x-gray-tag", "");
    }

    static String serve(String tag, boolean apart) throws Exception {
        AtomicReference<String> found = new AtomicReference<>();
        TAG.doFilter(name -> name.equalsIgnoreCase("X-Gray-Tag") ? tag : null, null, (request, response) -> {
            Runnable task = () -> found.set(call());
            Thread thread = apart ? new Thread(TAG.decorate(task)) : null;
            if (!apart) {
                task.run();
                return;
            }
            thread.start();
            try {
                thread.join();
            } catch (InterruptedException wrong) {
                Thread.currentThread().interrupt();
            }
        });
        return found.get();
    }

    public static void main(String[] words) throws Exception {
        System.out.println("request=" + serve("gray", false));
        System.out.println("next=" + serve(null, false));
        System.out.println("thread=" + serve("gray", true));
    }
}
