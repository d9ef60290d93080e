// Editors of bpmn.io whose words cannot be translated by a service of theirs: their texts are changed where they appear.
import { language, t } from './words.js';

/** Words of theirs that mean something else on other pages of ours. */
const INSTEAD = { When: 'If', Number: 'Number field' };
const inOurWords = text => text in INSTEAD ? t(INSTEAD[text]) : t(text);
const ATTRIBUTES = [ 'title', 'placeholder', 'aria-label', 'data-placeholder' ];

/** Translates texts inside `places` (a selector) as they appear; what people write is left alone. */
export function translateTexts(root, places) {
  if (!language.startsWith('zh')) return;
  translateIn(root, places);
  new MutationObserver(changes => {
    for (const { target, addedNodes, type } of changes) {
      if (type === 'childList') for (const node of addedNodes) translateIn(node, places);
      else translateIn(target, places);
    }
  }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES });
}

function translateIn(node, places) {
  if (node.nodeType === Node.TEXT_NODE) return translateText(node, places);
  if (node.nodeType !== Node.ELEMENT_NODE) return;
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  for (let each = node; each; each = walker.nextNode()) {
    if (each.nodeType === Node.TEXT_NODE) translateText(each, places);
    else translateAttributes(each, places);
  }
}

function translateText(node, places) {
  const element = node.parentElement;
  if (!element?.closest(places) || element.closest('[contenteditable=true], textarea, .cm-editor, script, style')) return;
  const text = node.data.trim(), words = inOurWords(text);
  if (words !== text) node.data = node.data.replace(text, words);
}

function translateAttributes(element, places) {
  if (!element.closest(places)) return;
  for (const name of ATTRIBUTES) {
    const text = element.getAttribute(name), words = text && inOurWords(text);
    if (words && words !== text) element.setAttribute(name, words);
  }
}
