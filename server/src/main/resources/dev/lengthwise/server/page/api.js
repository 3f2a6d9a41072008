// Requests to the server that this page came from.

const json = (key) => ({
  "Content-Type": "application/json",
  ...(key ? { Authorization: `Bearer ${key}` } : {}),
});

export class Api {
  key = "";

  async get(path) {
    return fetch(path, { headers: json(this.key) });
  }

  // The answer, or an error with the sentence of the server.
  async post(path, body, signal) {
    const response = await fetch(path, {
      method: "POST", headers: json(this.key), body: JSON.stringify(body), signal,
    });
    if (!response.ok) throw new Error((await response.json()).error.message);
    return response;
  }

  // The parts of a streamed answer, one after the other.
  async *stream(path, body, signal) {
    for await (const part of events(await this.post(path, body, signal))) {
      if (part.error) throw new Error(part.error.message);
      yield part;
    }
  }
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let held = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    held += value;
    const whole = held.split("\n\n");
    held = whole.pop();
    for (const event of whole) {
      const data = event.replace(/^data: /, "");
      if (data === "[DONE]") return;
      yield JSON.parse(data);
    }
  }
}
