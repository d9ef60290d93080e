// The timeline of a case: filters by kind, and the rows that belong to the element chosen in the diagram.

export function startTimeline() {
  const rows = [ ...document.querySelectorAll('.timeline > [data-kind]') ];
  if (!rows.length) return;
  const filters = [ ...document.querySelectorAll('[data-filter]') ];
  const minor = document.querySelector('[data-filter-minor]');
  let chosen = null;

  const show = () => {
    const kinds = new Set(filters.filter(isPressed).map(each => each.dataset.filter));
    for (const row of rows) {
      const isTheirs = chosen !== null && row.dataset.element === chosen;
      const isWanted = !filters.some(each => each.dataset.filter === row.dataset.kind) || kinds.has(row.dataset.kind);
      row.hidden = !(isTheirs || isWanted && (!('minor' in row.dataset) || isPressed(minor)));
      row.toggleAttribute('data-chosen', isTheirs);
    }
  };

  for (const button of [ ...filters, minor ]) {
    button?.addEventListener('click', () => {
      button.setAttribute('aria-pressed', !isPressed(button));
      show();
    });
  }
  document.addEventListener('casewright:element', event => {
    chosen = event.detail.id;
    show();
    document.querySelector('.timeline > [data-chosen]')?.scrollIntoView({ block: 'nearest' });
  });
}

const isPressed = button => button?.getAttribute('aria-pressed') === 'true';
