// The website's script. Pages work without it; it makes them quicker, live and keyboard-friendly.
// htmx and everything below register themselves; live.js comes last, when the parts it refreshes are ready.
import "./js/requests.js";
import "./js/theme.js";
import "./js/menus.js";
import "./js/dialogs.js";
import "./js/toasts.js";
import "./js/times.js";
import "./js/marks.js";
import "./js/keyboard.js";
import "./js/search_box.js";
import "./js/beside.js";
import "./js/reading_on.js";
import "./js/lightbox.js";
import "./live.js";
