"""What is measured in a page that a browser shows, as JavaScript."""

REACHABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"
SMALL = f"""() => [...document.querySelectorAll("{REACHABLE}")].filter(one => one.checkVisibility()).filter(one => {{
    const box = one.getBoundingClientRect();
    const sentence = getComputedStyle(one).display === "inline" && one.closest("p, li, dd, td");
    const inSentence = sentence && sentence.innerText.trim() !== one.innerText.trim();
    return document.styleSheets.length && box.right > 0 && !inSentence && Math.min(box.width, box.height) < 24;
}}).map(one => one.outerHTML)"""
"""Targets of less than 24 pixels; links within a sentence, and pages without styles, may have them (WCAG 2.5.8)."""
MOVING = """() => [...document.querySelectorAll("*")].filter(one => {
    const style = getComputedStyle(one);
    return style.animationName !== "none" || style.transitionDuration !== "0s" || style.scrollBehavior === "smooth";
}).map(one => one.tagName)"""
CUT = """() => [...document.querySelectorAll("body *:not(.unseen)")].filter(one => {
    const hides = ["hidden", "clip"].includes(getComputedStyle(one).overflowX);
    return hides && !one.closest("svg") && one.scrollWidth > one.clientWidth + 1;
}).map(one => one.outerHTML.slice(0, 200))"""
BEGIN = f"""() => {{
    const all = [...document.querySelectorAll("{REACHABLE}")].filter(one => one.checkVisibility() && !one.disabled);
    window.waiting = new Set(all);
    return all.length;
}}"""
FOCUSED = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    window.waiting.delete(one);
    if (one.type === "radio") document.getElementsByName(one.name).forEach(other => window.waiting.delete(other));
    const style = getComputedStyle(one), box = one.getClientRects()[0];
    if (style.outlineStyle !== "auto" && parseFloat(style.outlineWidth) < 2) return `not marked: ${one.outerHTML}`;
    const left = Math.max(box.left, 0), right = Math.min(box.right, innerWidth);
    const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
    const hit = right > left && bottom > top && document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return hit && (one.contains(hit) || hit.contains(one)) ? "" : `not seen: ${one.outerHTML}`;
}"""
"""What is wrong with how the element that has the focus is seen (WCAG 2.4.7, 2.4.11); null after the last one."""
