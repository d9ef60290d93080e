// Marks on rows of a decision table. The library draws its rows anew as it likes, so the marks are a style, not classes.
const LOOKS = {
  wrong: 'box-shadow: inset 3px 0 0 #c02020',
  fired: 'background-color: #d5f0dc'
};

/** Gives a function that marks rows or cells by their ids, with a sentence at each if there is one. */
export function marking(root, look) {
  const style = root.appendChild(document.createElement('style'));
  return marks => {
    style.textContent = marks.filter(([ id ]) => id)
      .map(([ id ]) => `[data-row-id="${CSS.escape(id)}"], [data-element-id="${CSS.escape(id)}"] { ${LOOKS[look]} !important; }`).join('\n');
    for (const [ id, sentence ] of marks) {
      for (const cell of id && sentence ? root.querySelectorAll(`[data-row-id="${CSS.escape(id)}"].rule-index`) : []) cell.title = sentence;
    }
  };
}
