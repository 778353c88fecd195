// Counts the characters of a text field while one types. The words and the first count come with the page.
(() => {
  "use strict";
  document.querySelectorAll("[data-counts]").forEach((line) => {
    const control = document.getElementById(line.dataset.counts);
    if (!control) return;
    const lang = document.documentElement.lang;
    control.addEventListener("input", () => {
      line.textContent = line.dataset.words.replace("{n}", control.value.length.toLocaleString(lang));
    });
  });
})();
