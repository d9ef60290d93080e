// Chinese words of the drawing tool: the community's map, and what it leaves out.
import drawing from 'bpmn-js-i18n-zh/lib/bpmn-js/index.js';
import panel from 'bpmn-js-i18n-zh/lib/properties-panel/index.js';
import zeebePanel from 'bpmn-js-i18n-zh/lib/zeebe-properties-panel/index.js';

const OURS = {};

export const ZH = { ...drawing, ...panel, ...zeebePanel, ...OURS };
