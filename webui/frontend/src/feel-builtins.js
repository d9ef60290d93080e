// What FEEL fields offer and know: the functions of our own engine, which the page brings. build.mjs points the libraries'
// import of @camunda/feel-builtins here.
const functions = JSON.parse(document.querySelector('[data-feel-functions]')?.textContent ?? '[]');

const escaped = text => text.replace(/[&<>]/g, letter => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[letter]);

export const camundaBuiltins = functions.map(({ name, help, parameters, call }) => ({
  name, type: 'function', params: parameters.map(each => ({ name: each })), info: `<p>${escaped(help)}</p><pre><code>${escaped(call)}</code></pre>`
}));
export const feelBuiltins = camundaBuiltins;
export const camundaExtensions = [];
export const camundaReservedNameBuiltins = camundaBuiltins.filter(({ name }) => name.includes(' '));
