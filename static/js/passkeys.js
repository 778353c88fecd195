// Asks the browser to make or use a passkey and sends the answer in a form. Without it the other ways remain.
(() => {
  "use strict";
  const knows = window.PublicKeyCredential && PublicKeyCredential.parseCreationOptionsFromJSON;
  if (!knows || !window.isSecureContext) return;
  document.querySelectorAll("[data-passkey]").forEach((box) => {
    const button = box.querySelector("button");
    const trouble = box.querySelector("[role=alert]");
    const form = document.getElementById(box.dataset.form);
    if (!form) return;
    box.hidden = false;
    const make = box.dataset.passkey === "make";
    button.addEventListener("click", async () => {
      if (make && !form.elements.name.value.trim()) {
        form.submit(); // the page says what is missing; no passkey is made for nothing
        return;
      }
      button.disabled = true;
      trouble.hidden = true;
      try {
        const asked = JSON.parse(box.dataset.options);
        const credential = make
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
        form.elements[box.dataset.field].value = JSON.stringify(credential.toJSON());
        form.submit();
      } catch (_error) {
        trouble.hidden = false;
        button.disabled = false;
      }
    });
  });
})();
