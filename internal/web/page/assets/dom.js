// The little that the views need to make elements. Texts become text nodes, and
// nothing here ever takes HTML.

/**
 * The element of the page that has this id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${type.name} #${id}`);
  return found;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @param {...(Node | string)} children
 */
export function el(tag, className = "", ...children) {
  const e = document.createElement(tag);
  if (className) e.className = className;
  e.append(...children);
  return e;
}

/**
 * @param {string} className
 * @param {string} text
 * @param {() => void} press
 */
export function button(className, text, press) {
  const b = el("button", className, text);
  b.type = "button";
  b.addEventListener("click", press);
  return b;
}

/**
 * Makes these the children of a box, and moves no more than it must: what has
 * the focus keeps it.
 * @param {HTMLElement} box
 * @param {HTMLElement[]} children
 */
export function arrange(box, children) {
  const kept = new Set(children);
  for (const child of [...box.children]) if (!kept.has(/** @type {HTMLElement} */ (child))) child.remove();
  let at = box.firstElementChild;
  for (const child of children) {
    if (child === at) at = at.nextElementSibling;
    else box.insertBefore(child, at);
  }
}

/**
 * Sets a text only where it is another: what is announced is announced once.
 * @param {Element} e
 * @param {string} text
 */
export function write(e, text) {
  if (e.textContent !== text) e.textContent = text;
}
