
// Pages that change without being loaded anew: filters, pages of lists, and what is live.

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
document.documentElement.classList.add('script');

/** Only the latest request counts. */
let request = new AbortController();

/**
 * Shows what is at a URL in the place of this page's content.
 *
 * @param {string} url
 * @param {{ isQuiet?: boolean }} [how]
 */
async function show(url, { isQuiet = false } = {}) {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  if (!isQuiet) main.setAttribute('aria-busy', 'true');
  try {
    const reply = await fetch(url, { signal, headers: { Accept: 'text/html' } });
    if (isQuiet && !reply.ok) return;
    const page = new DOMParser().parseFromString(await reply.text(), 'text/html');
    const newer = page.getElementById('main');
    if (newer === null || signal.aborted) return;
    document.title = page.title;
    keepInPlace(() => swap(main, document.adoptNode(newer)));
  } catch (error) {
    if (!signal.aborted && !isQuiet) tellState(false, 'the server does not answer');
  } finally {
    if (!signal.aborted) main.removeAttribute('aria-busy');
  }
}

/** @param {string} url */
function go(url) {
  history.pushState(null, '', url);
  here = place();
  return show(url);
}

/** Fields that somebody used say again what the URL says. */
function reset() {
  for (const form of main.querySelectorAll('form')) form.reset();
}

/** @param {HTMLFormElement} form */
function submitted(form) {
  const query = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === 'string' && value !== '') query.set(name, value);
  }
  const url = new URL(form.action);
  url.search = query.toString();
  void go(url.href);
}

main.addEventListener('submit', (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (form.method !== 'get') return;
  event.preventDefault();
  submitted(form);
});

main.addEventListener('change', (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const form = field.closest('form.narrow');
  if (!(form instanceof HTMLFormElement)) return;
  // A span takes the place of dates, and dates that of a span.
  const dates = form.querySelectorAll('input[type="date"]');
  if (field.name === 'period') for (const date of dates) /** @type {HTMLInputElement} */ (date).value = '';
  submitted(form);
});

/** @type {number | undefined} */
let typing;
main.addEventListener('input', (event) => {
  const field = /** @type {HTMLInputElement} */ (event.target);
  const form = field.closest('form.narrow');
  if (field.type !== 'search' || !(form instanceof HTMLFormElement)) return;
  clearTimeout(typing);
  typing = setTimeout(() => submitted(form), 250);
});

// Links that stay on the page.
main.addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (link === null || !isPlain || link.target !== '' || link.hasAttribute('download')) return;
  const isHere = link.origin === location.origin && link.pathname === location.pathname;
  if (!isHere || link.hash !== '' || link.hasAttribute('data-load')) return;
  event.preventDefault();
  void go(link.href).then(reset);
  if (link.rel === 'next' || link.rel === 'prev') scrollTo({ top: 0, behavior: 'instant' });
});

// A change of the fragment alone is the browser's own affair.
const place = () => location.pathname + location.search;
let here = place();
addEventListener('popstate', () => {
  if (place() !== here) void show(location.href).then(reset);
  here = place();
});
