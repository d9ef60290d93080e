// What the page of the diagram editor hands over: the engine's profile, what a diagram may name, the templates.
const data = JSON.parse(document.querySelector('[data-drawing]')?.textContent ?? '{}');

export const profile = data.profile ?? { elements: [], extensions: {}, services: [], houseRules: [] };
export const choices = data.choices ?? { groups: [], users: [], processes: [], forms: [], decisions: [] };
export const houseRules = data.houseRules ?? [];
export const elementTemplates = data.templates ?? [];
