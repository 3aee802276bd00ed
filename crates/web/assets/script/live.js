
// One stream of events for all tabs of a browser, which has few connections to one server: whoever holds
// the lock listens, and tells the others.

/** @typedef {{ revision: number, sessions: string[] | null }} Change */

const REFRESH_MS = 1_000;
const channel = new BroadcastChannel('recount');
const sign = /** @type {HTMLElement} */ (document.getElementById('live'));

/**
 * @param {boolean} isOn
 * @param {string} [why]
 */
function tellState(isOn, why = 'not live') {
  sign.dataset.state = isOn ? 'on' : 'off';
  sign.textContent = isOn ? 'live' : why;
}

/** Whether the page has missed a change, and whether one is waited for. */
let isStale = false;
let isWaiting = false;
/** @type {number | null} */
let seen = null;

/** @param {Change} change */
function concerns({ sessions }) {
  const live = main.dataset.live ?? '';
  if (live === '') return false;
  if (live === 'all' || sessions === null) return true;
  const shown = live.split(' ').map(decodeURIComponent);
  return sessions.some((session) => shown.includes(session));
}

/** @param {Change} change */
function changed(change) {
  tellState(true);
  // The first word is where the record stands; the page may be older than the stream.
  const isNews = seen === null ? change.revision > Number(main.dataset.revision ?? 0) : change.revision > seen;
  seen = Math.max(seen ?? 0, change.revision);
  if (!isNews || !concerns(change)) return;
  isStale = true;
  refreshSoon();
}

function refreshSoon() {
  if (isWaiting || !isStale || document.hidden) return;
  isWaiting = true;
  setTimeout(async () => {
    // Who types or chooses is not disturbed.
    const isChoosing = document.activeElement?.closest('select, [open].menu') != null;
    if (isStale && !document.hidden && !isChoosing) {
      isStale = false;
      await show(location.href, { isQuiet: true });
    }
    isWaiting = false;
    if (isStale) setTimeout(refreshSoon, REFRESH_MS);
  }, REFRESH_MS);
}

document.addEventListener('visibilitychange', refreshSoon);

/** What the stream said last, for tabs that are opened later.
 * @type {Change | undefined}
 */
let latest;

/** Listens for as long as the page is open. */
function listen() {
  const events = new EventSource('/api/events');
  events.addEventListener('revision', (event) => {
    const change = JSON.parse(event.data);
    latest = change;
    channel.postMessage({ change });
    changed(change);
  });
  events.addEventListener('error', () => {
    channel.postMessage({ isOff: true });
    tellState(false);
    // The browser tries again by itself, but not after an answer that is none.
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, 5 * REFRESH_MS);
  });
}

channel.addEventListener('message', ({ data }) => {
  if (data.change) changed(data.change);
  if (data.isOff) tellState(false);
  if (data.isNew && latest !== undefined) channel.postMessage({ change: latest });
});

if (navigator.locks === undefined) {
  // Only where the page comes from another machine without encryption.
  listen();
} else {
  void navigator.locks.request('recount-events', () => new Promise(listen));
  channel.postMessage({ isNew: true });
}
