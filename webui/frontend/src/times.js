// Relative times that stay true while a page is open: <time datetime="…" data-when="relative|both">in 3 h · today 17:30</time>.
// The words are those of webui/language.py; the server's clock counts: <meta name="now" content="2025-11-24T09:00:00Z">.
import { language, t } from './words.js';

const MINUTE = 60_000;
const opened = Date.now();
const serverNow = Date.parse(document.querySelector('meta[name=now]')?.content ?? '') || opened;

/** What time it is on the server's clock. */
export const now = () => serverNow + (Date.now() - opened);

export function startTimes() {
  const whole = new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short' });
  for (const element of document.querySelectorAll('time[datetime]:not([title])')) {
    element.title = whole.format(new Date(element.dateTime));
  }
  setInterval(refresh, MINUTE);
  document.addEventListener('visibilitychange', () => document.hidden || refresh());
}

function refresh() {
  for (const element of document.querySelectorAll('time[data-when=relative], time[data-when=both]')) {
    const [ , ...absolute ] = element.textContent.split(' · ');
    const words = relative(Date.parse(element.dateTime) - now());
    element.textContent = element.dataset.when === 'both' ? [ words, ...absolute ].join(' · ') : words;
  }
}

export function relative(milliseconds) {
  if (Math.abs(milliseconds) < MINUTE) return t('just now');
  return t(milliseconds > 0 ? 'in {span}' : '{span} ago', { span: span(Math.abs(milliseconds)) });
}

function span(milliseconds) {
  const minutes = Math.floor(milliseconds / MINUTE), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (hours < 1) return t('{count} min', { count: minutes });
  if (hours < 4 && minutes % 60 >= 5) return t('{hours} h {minutes} min', { hours, minutes: minutes % 60 });
  if (days < 1) return t('{count} h', { count: hours });
  if (days < 3 && hours % 24) return t('{days} d {hours} h', { days, hours: hours % 24 });
  return days === 1 ? t('1 day') : t('{count} days', { count: days });
}
