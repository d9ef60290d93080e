// What publishing would complain about, beside an editor.

/** Lists problems; those with an element show it when they are chosen, by `show(element)`. */
export function showProblems(root, problems, show = null) {
  root.querySelector('[data-problem-count]').textContent = problems.length;
  root.querySelector('[data-problems]').replaceChildren(...problems.map(problem => {
    const row = document.createElement('li'), text = document.createElement('p'), place = document.createElement('p');
    row.dataset.severity = problem.severity;
    text.textContent = problem.message;
    place.className = 'meta';
    place.textContent = [ problem.resource, problem.element ].filter(Boolean).join(' · ');
    row.append(text, place);
    if (show && problem.element) {
      row.tabIndex = 0;
      row.addEventListener('click', () => show(problem.element));
      row.addEventListener('keydown', event => event.key === 'Enter' && show(problem.element));
    }
    return row;
  }));
}
