/** A name that people know, and the hosts it really comes from. */
export interface Brand {
  readonly name: string;
  /** Host names; a name below one of them counts too. */
  readonly hosts: readonly string[];
}

/**
 * Clients of the field and companies whose names are worth borrowing. Who is missing is added by configuration
 * (`protectedBrands`); hosts are as the companies' own documentation of 2026 names them.
 */
export const knownBrands: readonly Brand[] = [
  { name: "Claude", hosts: ["claude.ai", "claude.com", "anthropic.com"] },
  { name: "Anthropic", hosts: ["claude.ai", "claude.com", "anthropic.com"] },
  { name: "ChatGPT", hosts: ["chatgpt.com", "openai.com"] },
  { name: "OpenAI", hosts: ["chatgpt.com", "openai.com"] },
  { name: "Codex", hosts: ["chatgpt.com", "openai.com"] },
  { name: "Cursor", hosts: ["cursor.com", "cursor.sh"] },
  { name: "Windsurf", hosts: ["windsurf.com", "codeium.com", "devin.ai"] },
  { name: "Devin", hosts: ["devin.ai", "cognition.ai"] },
  { name: "Visual Studio Code", hosts: ["vscode.dev", "visualstudio.com", "microsoft.com"] },
  { name: "VS Code", hosts: ["vscode.dev", "visualstudio.com", "microsoft.com"] },
  { name: "Microsoft Copilot", hosts: ["microsoft.com", "azure-apim.net", "office.com"] },
  { name: "Copilot Studio", hosts: ["microsoft.com", "azure-apim.net"] },
  { name: "GitHub Copilot", hosts: ["github.com", "githubcopilot.com"] },
  { name: "GitHub", hosts: ["github.com"] },
  { name: "Microsoft", hosts: ["microsoft.com", "azure-apim.net", "office.com", "live.com"] },
  { name: "Gemini", hosts: ["google.com", "antigravity.google"] },
  { name: "Antigravity", hosts: ["antigravity.google", "google.com"] },
  { name: "Google", hosts: ["google.com", "antigravity.google"] },
  { name: "Perplexity", hosts: ["perplexity.ai"] },
  { name: "Mistral", hosts: ["mistral.ai"] },
  { name: "Le Chat", hosts: ["mistral.ai"] },
  { name: "Grok", hosts: ["grok.com", "x.ai", "x.com"] },
  { name: "Slack", hosts: ["slack.com"] },
  { name: "Notion", hosts: ["notion.so", "notion.com"] },
  { name: "Zed", hosts: ["zed.dev"] },
  { name: "OpenCode", hosts: ["opencode.ai"] },
  { name: "Goose", hosts: ["goose-docs.ai", "block.xyz"] },
  { name: "Zapier", hosts: ["zapier.com"] },
  { name: "Apple", hosts: ["apple.com", "icloud.com"] },
  { name: "Amazon", hosts: ["amazon.com", "aws.amazon.com"] },
  { name: "Meta", hosts: ["meta.com", "facebook.com"] },
];
