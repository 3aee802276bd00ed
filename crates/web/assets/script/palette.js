
// Ctrl-K: jumps to any page, session or file.

/** @typedef {{ label: string, kind: string, url: string }} Goal */

const MOST = 8;

const palette = document.createElement('dialog');
palette.id = 'palette';
palette.setAttribute('aria-label', 'Go to');
const wish = document.createElement('input');
wish.type = 'text';
wish.placeholder = 'Go to a page, session or file';
wish.setAttribute('role', 'combobox');
wish.setAttribute('aria-label', 'Go to');
wish.setAttribute('aria-expanded', 'true');
wish.setAttribute('aria-controls', 'goals');
wish.setAttribute('aria-autocomplete', 'list');
const goals = document.createElement('ul');
goals.id = 'goals';
goals.setAttribute('role', 'listbox');
goals.setAttribute('aria-label', 'Found');
palette.append(wish, goals);
document.body.append(palette);

let chosen = 0;

function openPalette() {
  if (palette.open) return palette.close();
  palette.showModal();
  wish.value = '';
  void find();
}

/** @returns {Goal[]} */
function pages() {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll('nav [data-go]');
  const all = [...links].map((link) => ({ label: link.textContent ?? '', kind: 'page', url: link.href }));
  return all.filter(({ label }) => label.toLowerCase().includes(wish.value.trim().toLowerCase()));
}

/**
 * What the record answers, or nothing where it cannot.
 *
 * @param {string} path
 * @param {Record<string, string>} query
 * @returns {Promise<any[]>}
 */
async function ask(path, query) {
  try {
    const reply = await fetch(`${path}?${new URLSearchParams(query)}`);
    return reply.ok ? (await reply.json()).data.details : [];
  } catch {
    return [];
  }
}

let asked = 0;
/**
 * What was looked for by what stands there, once all of it does.
 *
 * @type {string | undefined}
 */
let found;
async function find() {
  clearTimeout(typing);
  const text = wish.value.trim();
  const turn = ++asked;
  found = undefined;
  list(pages());
  const limit = String(MOST);
  const [sessions, files] = await Promise.all([
    ask('/api/sessions', text === '' ? { limit } : { text, limit, subagents: 'true' }),
    text === '' ? [] : ask('/api/files/hot', { path: text, limit }),
  ]);
  if (turn !== asked) return;
  found = text;
  list([
    ...pages(),
    ...sessions.map((session) => ({
      label: session.title ?? session.opening ?? session.session_id,
      kind: session.project_name ?? session.agent ?? 'session',
      url: `/sessions/${encodeURIComponent(session.session_id)}`,
    })),
    ...files.map((file) => ({
      label: file.path,
      kind: 'file',
      url: `/files?${new URLSearchParams({ path: file.path })}`,
    })),
  ]);
}

/** @param {Goal[]} all */
function list(all) {
  goals.replaceChildren(...all.map(({ label, kind, url }, place) => {
    const option = document.createElement('li');
    option.id = `goal-${place}`;
    option.setAttribute('role', 'option');
    option.dataset.url = url;
    const [name, what] = [document.createElement('span'), document.createElement('span')];
    name.textContent = label;
    what.textContent = kind;
    what.className = 'faint';
    option.append(name, what);
    option.addEventListener('click', () => location.assign(url));
    return option;
  }));
  choose(0);
}

/** @param {number} place */
function choose(place) {
  const options = [...goals.children];
  chosen = options.length === 0 ? 0 : (place + options.length) % options.length;
  for (const [nth, option] of options.entries()) {
    option.setAttribute('aria-selected', String(nth === chosen));
  }
  options[chosen]?.scrollIntoView({ block: 'nearest' });
  wish.setAttribute('aria-activedescendant', options[chosen]?.id ?? '');
}

/** Goes to what is chosen, once what is found fits what was typed. */
async function enter() {
  if (found !== wish.value.trim()) await find();
  const option = /** @type {HTMLElement | undefined} */ (goals.children[chosen]);
  if (option?.dataset.url) location.assign(option.dataset.url);
}

wish.addEventListener('input', () => {
  clearTimeout(typing);
  typing = setTimeout(find, 120);
});
wish.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown') choose(chosen + 1);
  else if (event.key === 'ArrowUp') choose(chosen - 1);
  else if (event.key === 'Enter') void enter();
  else return;
  event.preventDefault();
});
