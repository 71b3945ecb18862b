// Passkeys: asks the program what to ask the browser, hands the browser's answer
// back as an ordinary form. Where a browser has none the form stays hidden, and
// the password is there.
import { say, words } from "./refused";

type Described = { id: string; type: PublicKeyCredentialType; transports?: AuthenticatorTransport[] };

export function passkey(form: HTMLFormElement): void {
  if (!window.PublicKeyCredential || !navigator.credentials || form.dataset["ready"]) return;
  form.dataset["ready"] = "1";
  form.hidden = false;
  form.addEventListener("submit", (e) => {
    if (field(form, "response").value) return; // the answer is in: let it go
    e.preventDefault();
    ask(form).catch((err) => {
      if (!(err instanceof DOMException)) say(form, words("lost")); // else the person closed the browser's window
    });
  });
}

async function ask(form: HTMLFormElement): Promise<void> {
  const answer = await fetch(form.dataset["begin"] ?? "", { method: "POST", credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) {
    location.reload(); // signed out meanwhile, or as many passkeys as there may be
    return;
  }
  const { ceremony, options } = await answer.json();
  const o = options.publicKey;
  o.challenge = bytes(o.challenge);
  let got: Credential | null;
  if (form.dataset["passkey"] === "create") {
    o.user.id = bytes(o.user.id);
    o.excludeCredentials = (o.excludeCredentials ?? []).map(described);
    got = await navigator.credentials.create({ publicKey: o });
  } else {
    o.allowCredentials = (o.allowCredentials ?? []).map(described);
    got = await navigator.credentials.get({ publicKey: o });
  }
  if (!(got instanceof PublicKeyCredential)) return;
  field(form, "ceremony").value = ceremony;
  field(form, "response").value = JSON.stringify(plain(got));
  form.submit();
}

const field = (form: HTMLFormElement, name: string): HTMLInputElement => form.elements.namedItem(name) as HTMLInputElement;

const described = (c: Described) => ({ ...c, id: bytes(c.id) });

// plain is the credential as JSON, its bytes as base64url.
function plain(c: PublicKeyCredential): object {
  const r = c.response as AuthenticatorAttestationResponse & AuthenticatorAssertionResponse;
  const response: Record<string, unknown> = { clientDataJSON: text(r.clientDataJSON) };
  if (r.attestationObject) response["attestationObject"] = text(r.attestationObject);
  if (r.authenticatorData && r.signature) {
    response["authenticatorData"] = text(r.authenticatorData);
    response["signature"] = text(r.signature);
    if (r.userHandle) response["userHandle"] = text(r.userHandle);
  }
  return { id: c.id, rawId: text(c.rawId), type: c.type, response };
}

function bytes(s: string): Uint8Array {
  const plain = atob(s.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (c) => c.charCodeAt(0));
}

function text(b: ArrayBuffer): string {
  const plain = Array.from(new Uint8Array(b), (n) => String.fromCharCode(n)).join("");
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}
