// What the files of the project hold, asked of the server: its forms with the variables they set, decisions, processes.
import { post } from '../requests.js';

export const holdings = { forms: [], decisions: [], processes: [] };

/** Ask again; editors beside this one may have added a file. */
export async function askHoldings(address) {
  const response = await fetch(address, { headers: { Accept: 'application/json' } });
  if (response.ok) Object.assign(holdings, await response.json());
}

/** Add a form to the project. Gives { status, reply: { id, file } | { message } }. */
export function addForm(address, name) {
  return post(address, { name });
}

/** The address of a file's editor, beside that of this one. */
export function addressOf(file) {
  return location.pathname.replace(/[^/]+$/, encodeURIComponent(file));
}
