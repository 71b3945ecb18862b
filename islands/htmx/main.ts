// htmx by itself, so that a browser too old for it still has the rest.
import "htmx.org";
