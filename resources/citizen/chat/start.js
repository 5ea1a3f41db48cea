import { forgetOthers } from "../js/kept.js";
import { Prefs } from "../js/prefs.js";

new Prefs(); // the text size that this citizen chose before
forgetOthers(); // who is here has no running chat
