
// Buttons that copy a command, or what a message says.

/** @param {string} id */
function textOf(id) {
  const whole = document.getElementById(id);
  if (whole === null) return '';
  const texts = /** @type {NodeListOf<HTMLElement>} */ (whole.querySelectorAll(':scope > .text'));
  return texts.length === 0 ? whole.innerText : [...texts].map((text) => text.innerText).join('\n\n');
}

main.addEventListener('click', async (event) => {
  const button = event.target instanceof Element ? event.target.closest('[data-copy]') : null;
  if (!(button instanceof HTMLElement) || button.hasAttribute('data-told')) return;
  button.setAttribute('data-told', '');
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(textOf(button.dataset.copy ?? ''));
    button.textContent = 'Copied';
  } catch {
    // Only pages of this machine, or encrypted ones, may.
    button.textContent = 'Not allowed';
  }
  setTimeout(() => {
    button.textContent = before;
    button.removeAttribute('data-told');
  }, 1_500);
});
