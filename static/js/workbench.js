// Keys of the moderators' workbench. They only choose: focus goes to a button or a part opens, Enter writes.
// Loaded only where the keys are switched on; every key has its link or button on the page.
(function () {
  "use strict";

  function typing(element) {
    if (!element || element === document.body) return false;
    if (element.isContentEditable || element.tagName === "TEXTAREA" || element.tagName === "SELECT") return true;
    return element.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(element.type);
  }

  function follow(selector) {
    var link = document.querySelector(selector);
    if (link) link.click();
    return Boolean(link);
  }

  function candidate(step) {
    var links = Array.prototype.slice.call(document.querySelectorAll(".pm-cands a"));
    var at = links.findIndex(function (link) { return link.getAttribute("aria-current") === "true"; });
    var next = links[at < 0 ? 0 : at + step];
    if (next) next.click();
    return Boolean(next);
  }

  function choose(letter) {
    var part = document.querySelector('[data-key="' + letter + '"]');
    if (!part) return false;
    if (part.tagName === "SUMMARY") {
      part.parentElement.open = true;
      (part.parentElement.querySelector("input:not([type=hidden]), textarea, button") || part).focus();
    } else if (part.type === "checkbox") {
      part.checked = !part.checked;
      part.focus();
      var several = document.querySelector(".pm-together");
      if (several && part.checked) several.open = true;
    } else {
      part.focus();
    }
    return true;
  }

  function reason(number) {
    var reject = document.querySelector('.pm-reasons[open] [data-key="r"]');
    if (!reject) return false;
    var choice = reject.parentElement.querySelectorAll('input[type="radio"]')[number - 1];
    if (!choice) return false;
    choice.checked = true;
    choice.focus();
    return true;
  }

  function legend() {
    var keys = document.getElementById("keys");
    if (!keys) return false;
    keys.open = !keys.open;
    keys.querySelector("summary").focus();
    return true;
  }

  function close() {
    var open = document.querySelector(".pm-reasons[open], .pm-keys[open], .pm-together[open]");
    if (!open) return false;
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  }

  document.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.isComposing || typing(document.activeElement)) return;
    var key = event.key.toLowerCase();
    var done = false;
    if (key === "j") done = candidate(1);
    else if (key === "k") done = candidate(-1);
    else if (key === "n") done = follow('a[rel="next"]');
    else if (key === "p") done = follow('a[rel="prev"]');
    else if (/^[ashrxu]$/.test(key)) done = choose(key);
    else if (/^[1-9]$/.test(key)) done = reason(Number(key));
    else if (key === "?") done = legend();
    else if (key === "escape") done = close();
    if (done) event.preventDefault();
  });
})();
