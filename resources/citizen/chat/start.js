import { Prefs } from "../js/prefs.js";

new Prefs(); // the text size that this citizen chose before
