// What the model answers, round by round; a conversation that goes on longer gets the last answer again.
// `{{folder}}` is where the agent works. `refusal` is an error of the provider.

export const side = {
  title: { text: "Mock title", usage: { input: 50, output: 4, cached: 0, reasoning: 0 } },
  summary: {
    text: "<summary>\n## Goal\nMock summary of the conversation so far.\n</summary>",
    usage: { input: 900, output: 30, cached: 0, reasoning: 0 },
  },
};

const bash = (command, description) => ({ name: "bash", input: { command, description } });
const file = (name, tool, input) => ({ name: tool, input: { filePath: `{{folder}}/${name}`, ...input } });
const patch = (...lines) => ({
  name: "apply_patch",
  input: { patchText: ["*** Begin Patch", ...lines, "*** End Patch"].join("\n") },
});

const opencode = {
  // A tool of each kind, with and without success.
  basic: [
    { thinking: "I look first, then I write. Step one.", text: "First I run a command.", tools: [bash("echo hi", "Say hi")] },
    { thinking: "Now write.", text: "Now I write hello.txt.", tools: [file("hello.txt", "write", { content: "hello world\n" })] },
    { text: "Now I edit it.", tools: [file("hello.txt", "edit", { oldString: "hello world", newString: "hello mock" })] },
    { text: "Now two things that fail.", tools: [bash("ls /does-not-exist-42", "Fail"), file("missing.txt", "read", {})] },
    {
      text: "A list and an unknown tool.",
      tools: [
        {
          name: "todowrite",
          input: {
            todos: [
              { content: "one", status: "completed", priority: "high", id: "1" },
              { content: "two", status: "pending", priority: "low", id: "2" },
            ],
          },
        },
        { name: "no_such_tool", input: { x: 1 } },
      ],
    },
    { thinking: "All done.", text: "All done: ünïcödé, 日本語, 🦀 and a \u0000 that is no end." },
  ],
  subagent: [
    {
      text: "I start a subagent.",
      tools: [{ name: "task", input: { description: "Sub job", prompt: "[[script:sub]] say hi", subagent_type: "general" } }],
    },
    { text: "The subagent is done." },
  ],
  sub: [{ text: "I run a command.", tools: [bash("echo from-sub", "Say it")] }, { text: "The result: ok." }],
  error: [{ refusal: { status: 400, type: "invalid_request_error", message: "mock: bad request" } }],
  short: [{ thinking: "Short thought.", text: "Short answer." }],
  // A call that is running when somebody kills the agent; it says who has to be killed too.
  hang: [
    { text: "This takes a while.", tools: [bash("echo $$ > {{folder}}/process; exec sleep 600", "Wait")] },
    { text: "It is over." },
  ],
  question: [
    {
      text: "I have to ask.",
      tools: [
        {
          name: "question",
          input: {
            questions: [
              {
                header: "Colour",
                question: "Which colour?",
                options: [
                  { label: "Red", description: "Like a rose" },
                  { label: "Blue", description: "Like the sky" },
                ],
              },
            ],
          },
        },
      ],
    },
    { text: "So be it." },
  ],
  // Files that come, change, move and go.
  patch: [
    {
      text: "I add and change.",
      tools: [patch("*** Add File: new.txt", "+one", "+two", "*** Update File: README.md", "@@", "-# demo", "+# Demo")],
    },
    {
      text: "I move and delete.",
      tools: [patch("*** Update File: new.txt", "*** Move to: moved.txt", "@@", "-one", "+eins", "*** Delete File: README.md")],
    },
    { text: "That is all." },
  ],
  // Many small pieces of text, and a command that says much a little at a time.
  stream: [
    {
      text: "word ".repeat(10_000),
      chunk_characters: 5,
      tools: [bash("for n in $(seq 200); do echo line $n of the output; sleep 0.01; done", "Count")],
    },
    { text: "That was long." },
  ],
};

export const scripts = { opencode };
