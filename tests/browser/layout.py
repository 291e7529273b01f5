"""What a laptop shows of an explorer: measured by the boxes that the browser gives its parts."""

from __future__ import annotations

from typing import Any

LAPTOP, DESKTOP, NARROW = (
    {"width": 1366, "height": 768},
    {"width": 1920, "height": 1080},
    {"width": 760, "height": 768},
)

# What all the measures below share. A part is seen where the notebook's own window shows all of it.
_PARTS = """
    const root = document.querySelector("[data-measured=here] .rlhp-explorer");
    const scroller = root.closest(".jp-WindowedPanel-outer");
    const seen = part => part.getClientRects().length > 0 && getComputedStyle(part).visibility !== "hidden";
    const all = (selector, within = root) => [...within.querySelectorAll(selector)].filter(seen);
    const view = () => scroller.getBoundingClientRect();
    const name = part => (part.getAttribute("aria-label") || part.textContent.trim() || part.className).slice(0, 60);
    const outside = part => {
        const box = part.getBoundingClientRect(), window = view();
        const over = { above: window.top - box.top, below: box.bottom - window.bottom,
                       left: window.left - box.left, right: box.right - window.right };
        const edges = Object.keys(over).filter(edge => over[edge] > 1);
        return edges.length ? `${name(part)}: ${edges.map(edge => `${Math.round(over[edge])} pixels ${edge}`)}` : "";
    };
    const begin = () => {
        scroller.scrollTop += root.querySelector(".rlhp-columns").getBoundingClientRect().top - view().top - 4;
    };
    const figures = () => all(".rlhp-results > .rlhp-figure :is(img, .rlhp-empty)");
"""

# Each control in turn takes the focus, as with Tab, from where the controls begin at the top of the window; then it and
# every figure must be in view.
IN_HAND = """() => {
    _PARTS_
    const faults = [];
    const controls = all(".rlhp-controls :is(.noUi-handle, select, input, button)").filter(part => !part.disabled);
    for (const control of controls) {
        begin();
        control.focus();
        for (const part of [control, ...figures()]) {
            const fault = outside(part);
            if (fault) faults.push(`${name(control)} in hand, ${fault}`);
        }
    }
    return controls.length > 5 ? faults : [`only ${controls.length} controls were found`];
}"""

# The explorer is scrolled to where its controls begin: what asks and sets going must be in view from there.
AT_HAND = """() => {
    _PARTS_
    begin();
    const parts = all(".rlhp-controls .rlhp-question button, .rlhp-start");
    return [...parts, ...figures()].map(outside).filter(fault => fault);
}"""

# No two widgets lie on each other: those in which there is no other one, with the bar where it stands by itself.
OVERLAPS = """() => {
    _PARTS_
    const end = root.querySelector(".rlhp-controls").getBoundingClientRect().bottom;
    scroller.scrollTop += end - view().bottom + 20;
    const leaves = all(".jupyter-widgets").filter(part => !part.querySelector(".jupyter-widgets"))
        .filter(part => !part.matches(".rlhp-default"));
    const faults = [];
    leaves.forEach((one, place) => leaves.slice(place + 1).forEach(other => {
        const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
        const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        const by = `${Math.round(wide)} x ${Math.round(high)}`;
        if (wide > 1 && high > 1) faults.push(`${name(one)} and ${name(other)}: ${by}`);
    }));
    const edge = root.getBoundingClientRect();
    for (const part of leaves) {
        const box = part.getBoundingClientRect();
        const wider = box.right > edge.right + 1 || box.left < edge.left - 1;
        if (wider) faults.push(`${name(part)} is wider than its explorer`);
    }
    return faults;
}"""

# What is read first stands first: controls, what asks, what sets going, figures, texts.
ORDER = """() => {
    _PARTS_
    const parts = all(".rlhp-controls, .rlhp-question, .rlhp-start, .rlhp-figure, .rlhp-twin");
    return parts.map(part => [...part.classList].find(one => /^rlhp-(controls|question|start|figure|twin)$/.test(one)));
}"""

# Contrast of the letters on the buttons that cannot be pressed now, by WCAG's formula.
CONTRAST = """() => {
    _PARTS_
    const numbers = color => color.match(/[\\d.]+/g).map(Number);
    const over = (top, below) => {
        const alpha = top.length > 3 ? top[3] : 1;
        return [0, 1, 2].map(i => alpha * top[i] + (1 - alpha) * below[i]);
    };
    const paper = part => {
        if (!part) return [255, 255, 255];
        const own = numbers(getComputedStyle(part).backgroundColor);
        return own.length > 3 && own[3] < 1 ? over(own, paper(part.parentElement)) : own;
    };
    const light = color => {
        const linear = one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4;
        const [r, g, b] = color.map(one => linear(one / 255));
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    return all("button:disabled").map(button => {
        const below = paper(button), style = getComputedStyle(button);
        const faded = one => over([...one, Number(style.opacity)], below);
        const ink = faded(over(numbers(style.color), below));
        const [high, low] = [light(ink), light(below)].sort((a, b) => b - a);
        return [name(button), (high + 0.05) / (low + 0.05)];
    });
}"""


def measure(shown: Any, what: str) -> Any:
    """Evaluate one of the measures on what a cell shows."""
    shown.evaluate("element => element.setAttribute('data-measured', 'here')")
    try:
        return shown.page.evaluate(what.replace("_PARTS_", _PARTS))
    finally:
        shown.evaluate("element => element.removeAttribute('data-measured')")
