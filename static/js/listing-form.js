// Saves the form of a listing by itself: after a pause, when a field is left, when the page is hidden.
// The form works without it. What the server answers is said in the live region #saved; the words come from the page.
(() => {
  "use strict";
  const form = document.getElementById("listing-form");
  const said = document.getElementById("saved");
  if (!form || !said || form.dataset.byItself !== "yes") return;
  const AFTER_TYPING = 5000, AFTER_A_FIELD = 800;
  const TOKENS = ["version", "csrf_token", "idempotency_key"];
  let timer = 0, running = null, stopped = false;

  const typed = () => new URLSearchParams([...new FormData(form)].filter(([name]) => !TOKENS.includes(name))).toString();
  let saved = typed();

  const say = (text, bad) => {
    said.textContent = text;
    said.classList.toggle("is-bad", Boolean(bad));
  };
  const stop = (text) => { stopped = true; say(text, true); };
  const plan = (pause) => { clearTimeout(timer); if (!stopped) timer = setTimeout(save, pause); };

  const controlOf = (id) => document.getElementById(id.replace(/-[ni]$/, ""));
  const describe = (id, there) => {
    // The names of what describes a control, each once, none of what has gone: they are read aloud one by one.
    const control = controlOf(id);
    if (!control) return;
    const ids = (control.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    control.setAttribute("aria-describedby", (there ? [...ids, id] : ids).join(" "));
  };
  const drop = (box) => { box.remove(); describe(box.id, false); };
  const words = (id, list, cls) => {
    const control = controlOf(id);
    let box = document.getElementById(id);
    if (!list || !list.length) { if (box && box.dataset.own) drop(box); return; }
    if (!box && control) {
      box = document.createElement("div");
      box.id = id;
      box.dataset.own = "1";
      box.className = cls;
      (control.closest("fieldset") || control).after(box);
      describe(id, true);
    }
    if (box) box.textContent = list.join(" · ");
  };
  const mark = (answer) => {
    document.querySelectorAll("[data-own]").forEach(drop);
    document.querySelectorAll(".pm-notes").forEach((box) => { if (!(box.id.slice(0, -2) in answer.notes)) drop(box); });
    Object.entries(answer.notes).forEach(([name, list]) => words(`${name}-n`, list, "pm-notes"));
    Object.entries(answer.errors).forEach(([id, list]) => words(`${id}-i`, list, "pm-err"));
  };

  const renew = (html) => {
    // Steps and coach as the text now stands; left alone while somebody is in them.
    const help = document.getElementById("form-help");
    if (!help || !html || help.contains(document.activeElement)) return;
    const open = [...help.querySelectorAll("details")].map((part) => part.open);
    const fresh = new DOMParser().parseFromString(html, "text/html").body;
    fresh.querySelectorAll("details").forEach((part, n) => { part.open = Boolean(open[n]); });
    help.replaceChildren(...fresh.childNodes);
  };

  const firstDraft = async (answer, sent) => {
    // A new draft was made: from now on this form is the form of that draft.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("listing-form");
    if (!answer.ok || !fresh || !fresh.dataset.autosave) { say(said.dataset.waiting, true); saved = sent; return; }
    form.action = fresh.getAttribute("action");
    form.dataset.autosave = fresh.dataset.autosave;
    form.elements.version.value = fresh.elements.version.value;
    if (form.elements.idempotency_key) form.elements.idempotency_key.remove();
    history.replaceState(null, "", answer.url);
    renew(page.getElementById("form-help")?.innerHTML);
    saved = sent;
    say(said.dataset.first);
  };
  const taken = async (answer, sent) => {
    const signedOut = answer.redirected && new URL(answer.url).pathname === "/login";
    if (signedOut || answer.status === 400) return stop(said.dataset.out); // 400: the token of an ended sign-in
    if (!(answer.headers.get("Content-Type") || "").includes("json")) {
      if (!form.dataset.autosave && answer.status < 500) return firstDraft(answer, sent);
      return answer.status < 500 ? stop(said.dataset.failed) : say(said.dataset.failed, true);
    }
    const content = await answer.json();
    if (content.state !== "saved") return stop(content.message);
    form.elements.version.value = content.version;
    saved = sent;
    mark(content);
    renew(content.help);
    say(content.message, Object.keys(content.errors).length);
  };

  function save(leaving) {
    clearTimeout(timer);
    const sent = typed();
    if (stopped || running || sent === saved) return;
    const body = new FormData(form);
    if (!form.dataset.autosave) body.set("then", "save");
    const target = form.dataset.autosave || form.getAttribute("action");
    running = fetch(target, { method: "POST", body, credentials: "same-origin", keepalive: leaving === true })
      .then((answer) => taken(answer, sent))
      .catch(() => say(said.dataset.failed, true))
      .finally(() => { running = null; if (typed() !== saved) plan(AFTER_TYPING); });
  }

  form.addEventListener("input", () => plan(AFTER_TYPING));
  form.addEventListener("change", () => plan(AFTER_A_FIELD));
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(true); });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    stopped = true;
    if (!running) return;
    event.preventDefault(); // its version would be stale by the time it arrives
    running.then(() => form.requestSubmit(event.submitter));
  });
})();
