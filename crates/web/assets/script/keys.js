
// Keys. Each is in one table, which the sheet behind `?` shows.

/** @type {[string, string, () => void][]} */
const KEYS = [
  ['Ctrl K', 'Go to a page, session or file', openPalette],
  ['?', 'Show these keys', () => sheet.showModal()],
  ['/', 'Search in the list', () => focusOn('input[type="search"]')],
  ['j', 'The next entry', () => step(1)],
  ['k', 'The entry before', () => step(-1)],
  ['Enter', 'Open the entry', () => at()?.querySelector('a')?.click()],
  ['o', 'Open or fold what is folded in the entry', fold],
  ['r', 'Ask again', () => void show(location.href)],
];

const sheet = document.createElement('dialog');
sheet.id = 'keys';
sheet.setAttribute('aria-label', 'Keys');
const heading = document.createElement('h2');
heading.textContent = 'Keys';
const told = document.createElement('dl');
sheet.append(heading, told);
document.body.append(sheet);

/**
 * @param {string} keys
 * @param {string} about
 */
function tell(keys, about) {
  const [term, meaning] = [document.createElement('dt'), document.createElement('dd')];
  for (const key of keys.split(' ')) {
    const cap = document.createElement('kbd');
    cap.textContent = key;
    term.append(cap, ' ');
  }
  meaning.textContent = about;
  told.append(term, meaning);
}

for (const [keys, about] of KEYS) tell(keys, about);
/** @type {Map<string, HTMLAnchorElement>} */
const places = new Map();
for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('nav [data-go]'))) {
  places.set(link.dataset.go ?? '', link);
  tell(`g ${link.dataset.go}`, `Go to ${link.textContent}`);
}

/** @param {string} selector */
function focusOn(selector) {
  const field = main.querySelector(selector);
  if (field instanceof HTMLElement) field.focus();
}

/** The entry that the keys are at. */
function at() {
  return main.querySelector('[data-keyed] > .at');
}

/** @param {number} by */
function step(by) {
  const entries = [...main.querySelectorAll('[data-keyed] > [data-key]')];
  const before = at();
  const place = before === null ? (by > 0 ? 0 : entries.length - 1) : entries.indexOf(before) + by;
  const next = entries[place];
  if (next === undefined) return;
  before?.classList.remove('at');
  next.classList.add('at');
  next.scrollIntoView({ block: 'nearest' });
  const link = next.querySelector('a');
  if (link !== null) link.focus({ preventScroll: true });
}

function fold() {
  const folded = [...(at() ?? main.querySelector('[data-keyed]') ?? main).querySelectorAll('details')];
  const isOpening = folded.some((one) => !one.open);
  for (const one of folded) one.open = isOpening;
}

let isGoing = false;
document.addEventListener('keydown', (event) => {
  const isOfPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
  if (isOfPalette) {
    event.preventDefault();
    return openPalette();
  }
  const isTyping = event.target instanceof Element && event.target.closest('input, select, textarea, dialog') !== null;
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isGoing) {
    isGoing = false;
    const link = places.get(event.key);
    if (link !== undefined) return link.click();
  }
  if (event.key === 'g') {
    isGoing = true;
    return void setTimeout(() => (isGoing = false), 1_500);
  }
  // A link or a button that has the focus keeps its own key.
  const known = event.key !== 'Enter' && KEYS.find(([key]) => key === event.key);
  if (!known) return;
  event.preventDefault();
  known[2]();
});
