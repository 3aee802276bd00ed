'use strict';

// Makes what is shown like a newer version of it, and moves nothing that the reader looks at: what is
// equal stays, what was opened stays open, what is being typed stays.

/** @param {Element} element */
function keyOf(element) {
  return element.getAttribute('data-key') ?? element.id;
}

/**
 * @param {Element} shown
 * @param {Element} newer
 */
function swapAttributes(shown, newer) {
  for (const { name } of [...shown.attributes]) {
    const isOurs = name === 'open' || (name === 'class' && shown.classList.contains('at'));
    if (!newer.hasAttribute(name) && !isOurs) shown.removeAttribute(name);
  }
  for (const { name, value } of newer.attributes) {
    if (name !== 'open' && shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

/**
 * @param {Element} shown
 * @param {Element} newer
 */
function swap(shown, newer) {
  if (shown.isEqualNode(newer)) return;
  swapAttributes(shown, newer);
  /** @type {Map<string, Element>} */
  const known = new Map();
  for (const child of shown.children) if (keyOf(child)) known.set(keyOf(child), child);
  let place = shown.firstChild;
  for (const wanted of [...newer.childNodes]) {
    const match = counterpart(place, wanted, known);
    if (match === null) {
      shown.insertBefore(document.adoptNode(wanted), place);
      continue;
    }
    if (match !== place) shown.insertBefore(match, place);
    else place = match.nextSibling;
    if (match instanceof Element && wanted instanceof Element) swap(match, wanted);
    else if (match.nodeValue !== wanted.nodeValue) match.nodeValue = wanted.nodeValue;
  }
  while (place !== null) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

/**
 * What is shown already of what is wanted: by its key, else at its place.
 *
 * @param {ChildNode | null} place
 * @param {ChildNode} wanted
 * @param {Map<string, Element>} known
 * @returns {ChildNode | null}
 */
function counterpart(place, wanted, known) {
  if (wanted instanceof Element && keyOf(wanted)) {
    const match = known.get(keyOf(wanted));
    return match?.nodeName === wanted.nodeName ? match : null;
  }
  if (place === null || place.nodeName !== wanted.nodeName) return null;
  return place instanceof Element && keyOf(place) ? null : place;
}

/** The text at the top of the window, which stays where it is while `change` changes what is above it.
 * @param {() => void} change
 */
function keepInPlace(change) {
  const at = document.elementsFromPoint(innerWidth / 2, 80).find((element) => element.closest('[data-key]'));
  const anchor = at?.closest('[data-key]');
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (!anchor?.isConnected || before === undefined || scrollY === 0) return;
  const moved = anchor.getBoundingClientRect().top - before;
  if (moved !== 0) scrollBy({ top: moved, behavior: 'instant' });
}
