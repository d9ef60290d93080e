// The one way in which islands send data to the server.

/**
 * Send data as JSON. Gives { status, reply }; a status of 0 says that the server was not reached.
 * `lastWords` lets the request outlive the page.
 */
export async function post(url, data, { lastWords = false } = {}) {
  let response;
  try {
    response = await fetch(url, {
      method: 'POST',
      body: JSON.stringify(data),
      keepalive: lastWords,
      headers: {
        'Accept': 'application/json',
        'Content-Type': 'application/json',
        'X-CSRF-Token': document.querySelector('meta[name=csrf-token]')?.content ?? ''
      }
    });
  } catch {
    return { status: 0, reply: {} };
  }
  const text = await response.text();
  try {
    return { status: response.status, reply: JSON.parse(text) };
  } catch {
    // a proxy's page, or nothing: the status has to do
    return { status: response.status, reply: {} };
  }
}

export const isDone = status => status >= 200 && status < 300;
