// What every page has: keys, times that stay true, the theme, menus that close, the filters of a timeline.
import { startKeys } from './keys.js';
import { startTimes } from './times.js';
import { startTimeline } from './timeline.js';

startKeys();
startTimes();
startTimeline();
startTheme();
startMenus();

// the summary of a refused form
document.querySelector('[data-focus]')?.focus();

/** <button data-set-theme="light|dark|system">; kept in a cookie, so that the server can put it into the next page. */
function startTheme() {
  const root = document.documentElement;
  const kept = document.cookie.match(/(?:^|; )theme=(light|dark)/)?.[1];
  const show = theme => {
    if (theme === 'system') delete root.dataset.theme; else root.dataset.theme = theme;
    for (const button of document.querySelectorAll('[data-set-theme]')) {
      button.setAttribute('aria-pressed', button.dataset.setTheme === theme);
    }
  };
  show(kept ?? root.dataset.theme ?? 'system');
  document.addEventListener('click', event => {
    const theme = event.target.closest('[data-set-theme]')?.dataset.setTheme;
    if (!theme) return;
    const seconds = theme === 'system' ? 0 : 31_536_000;
    document.cookie = `theme=${theme}; Path=/; SameSite=Lax; Max-Age=${seconds}`;
    show(theme);
  });
}

/** A <details class="menu"> closes by Escape and by a click beside it. */
function startMenus() {
  const close = except => {
    for (const menu of document.querySelectorAll('details.menu[open]')) {
      if (menu !== except) menu.open = false;
    }
  };
  document.addEventListener('click', event => close(event.target.closest('details.menu')));
  document.addEventListener('keydown', event => {
    if (event.key !== 'Escape') return;
    const menu = document.activeElement?.closest('details.menu[open]');
    close();
    menu?.querySelector('summary').focus();
  });
}
