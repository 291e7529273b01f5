// Names that ipywidgets leaves out, for people who listen to the page or move by keyboard: its sliders have no
// accessible name, its toggle buttons do not say that they are pressed, and replacing an HTML widget's text is not
// announced. And a line where the kernel is gone, in which the controls would move and nothing would answer. Where
// scripts are not allowed, everything still works without it (the style sheet has that line too). And what a reader has
// folded out stays open, and keeps the focus, when its text is set anew.
(function (mark) {
  function dress(root) {
    root.querySelectorAll(".widget-slider").forEach(function (slider) {
      var handle = slider.querySelector(".noUi-handle"), label = slider.querySelector(".widget-label");
      if (!handle || !label) return;
      handle.setAttribute("aria-label", label.textContent);
      handle.setAttribute("aria-disabled", String(slider.querySelector("[disabled]") !== null));
      var row = slider.closest(".rlhp-row"), box = row && row.querySelector(".rlhp-box input");
      if (box) handle.setAttribute("aria-valuetext", box.value);
    });
    root.querySelectorAll(".widget-toggle-button").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.classList.contains("mod-active")));
    });
    root.querySelectorAll(".widget-radio").forEach(function (group) {
      var label = group.querySelector(".widget-label");
      group.setAttribute("role", "radiogroup");
      if (label) group.setAttribute("aria-label", label.textContent);
    });
    root.querySelectorAll(".rlhp-live > .widget-html-content").forEach(function (region) {
      region.setAttribute("role", "status");
      region.setAttribute("aria-live", "polite");
    });
    // Wherever the focus is not in a text, JupyterLab takes arrow keys and letters for its own commands: a drop-down
    // could not be moved. Lumino leaves alone what has this mark itself (one on an ancestor is not looked at in time).
    root.querySelectorAll("select, input, button, .noUi-handle, summary").forEach(function (part) {
      part.setAttribute("data-lm-suppress-shortcuts", "true");
    });
    root.querySelectorAll("[title='null']").forEach(function (part) { part.removeAttribute("title"); });
  }
  function tell(root) {
    var gone = root.classList.contains("jupyter-widgets-disconnected"), line = root.querySelector(".rlhp-gone");
    if (gone && !line) {
      line = document.createElement("div");
      line.className = "rlhp-gone";
      line.setAttribute("role", "alert");
      root.insertBefore(line, root.firstChild);
      line.textContent = "The kernel was restarted or is gone: run this cell again.";
    } else if (!gone && line) line.remove();
  }
  function remember(root) {
    root.addEventListener("toggle", function (event) {
      var fold = event.target, place = fold.closest(".widget-html-content");
      if (fold.tagName !== "DETAILS" || !place) return;
      place.rlhpOpen = place.rlhpOpen || {};
      place.rlhpOpen[title(fold)] = fold.open;
    }, true);
    root.addEventListener("focusin", function (event) {
      var at = event.target, place = at.closest(".widget-html-content");
      focused = at.tagName === "SUMMARY" && place ? { place: place, title: at.textContent } : null;
    });
  }
  // A click into a picture that has an axis to choose from is the number box and the button beside it, in one.
  function pick(root, event) {
    var picture = event.target, where = picture.getAttribute("data-pick"), frame = picture.getBoundingClientRect();
    var box = root.querySelector(".rlhp-picked .rlhp-box input"), press = root.querySelector("button.rlhp-press");
    if (!where || !box || !press || press.disabled) return;
    var ends = where.split(" ").map(Number);
    var share = ((event.clientX - frame.left) / frame.width - ends[0]) / (ends[1] - ends[0]);
    if (share < 0 || share > 1) return;
    box.value = String(Number((ends[2] * Math.pow(ends[3] / ends[2], share)).toPrecision(3)));
    box.dispatchEvent(new Event("change", { bubbles: true }));
    press.click();
  }
  var focused = null;
  function title(fold) { var head = fold.querySelector("summary"); return head ? head.textContent : ""; }
  function reopen(records) {
    new Set(records.map(function (record) { return record.target; })).forEach(function (place) {
      if (!place.matches || !place.matches(".widget-html-content")) return;
      place.querySelectorAll("details").forEach(function (fold) {
        if (place.rlhpOpen && title(fold) in place.rlhpOpen) fold.open = place.rlhpOpen[title(fold)];
        var lost = focused && focused.place === place && focused.title === title(fold);
        if (lost && document.activeElement === document.body) fold.querySelector("summary").focus({ preventScroll: true });
      });
    });
  }
  function attach(tries) {
    var root = mark.closest(".rlhp-explorer");
    if (!root) { if (tries > 0) setTimeout(attach, 250, tries - 1); return; }
    var due = 0;
    function soon() { if (!due) due = setTimeout(function () { due = 0; dress(root); tell(root); }, 120); }
    dress(root);
    remember(root);
    new MutationObserver(function (records) { reopen(records); soon(); }).observe(root, {
      subtree: true, childList: true, attributes: true, attributeFilter: ["class", "disabled", "aria-valuenow", "title"]
    });
    root.addEventListener("click", function (event) { if (event.target.tagName === "IMG") pick(root, event); });
    root.addEventListener("input", soon);
    root.addEventListener("change", soon);
  }
  attach(240);
})(this);
