" Vim syntax of .wst: transcripts that ask for a conversation over WebSocket (wsproof).
if exists('b:current_syntax')
  finish
endif

" What is said: comments, strings, names that are replaced, what is charged.
syn match   wstComment   /^\s*#.*$/
syn match   wstComment   /\s\s#.*$/
syn match   wstEscape    /\\\(x\x\x\|u{\x\+}\|[nrt0\\"]\)/ contained
syn match   wstVariable  /\$\(\h\w*\|{\h\w*}\|\$\)/
syn region  wstString    start=/"/ skip=/\\./ end=/"/ oneline contains=wstEscape,wstVariable
syn region  wstPattern   start=#\~/# skip=#\\.# end=#/# oneline
syn match   wstCharge    /@\d\{4}-\S\+/
syn match   wstId        /\<\d\{4}-[0-9.]\+-\d\+\>/
syn match   wstNumber    /\<\(0x\x\+\|\d\+\(ms\|s\|m\)\=\)\>/
syn match   wstStatus    /\<[1-5]xx\>/

" The case and its clauses.
syn match   wstCase      /^case\>.*$/ contains=wstCaseWord,wstVariable,wstComment
syn match   wstCase      /^\(def\|include\)\>.*$/ contains=wstCaseWord,wstString,wstComment
syn match   wstCaseWord  /^\(case\|def\|include\)\>/ contained
syn match   wstTitle     /^\s\+title\s.*$/ contains=wstClause,wstVariable,wstComment
syn match   wstClause    /^\s\+\(title\|cites\|needs\|role\|each\|set\|watch\|timeout\|autobahn\)\>/
syn match   wstRole      /\(\<role\s\+\)\@<=\(client\|server\)\>/

" Who speaks.  A line begins with an arrow, perhaps with a connection's name in front.
syn match   wstSent      /^\s\+\(\a[0-9A-Za-z_-]*\)\=>\ze\(\s\|$\)/
syn match   wstReceived  /^\s\+\(\a[0-9A-Za-z_-]*\)\=<\ze\(\s\|$\)/

" Steps without an arrow.
syn match   wstStep      /^\s\+\(\a[0-9A-Za-z_-]*\s\+\)\=\(alive\|reachable\|never\|silent\|wait\|deaf\|hear\|repeat\|let\|connect\|renegotiate\|api\|clients\|exits\|stop\|restart\|use\)\>/
syn match   wstBranch    /^\s\+\(either\|or\)\>/
syn match   wstGrade     /\(\<or\s\+\)\@<=\(warn\|info\)\>/
syn keyword wstWord      within every for header tls
syn match   wstWord      /\(\<let\s\+\)\@<=secret\>\ze\s\+[^=]/

" What is said behind an arrow, or behind `never`.
syn match   wstVerb      /\(\([<>]\|never\)\s\+\)\@<=\(text\|binary\|cont\|ping\|pong\|close\|frame\|raw\|fin\|reset\|echo\|fail\|eof\|refused\|refuse\|GET\)\>/
syn match   wstWord      /\<\(open\|plain\|HTTP\/1\.[01]\)\(\s\|$\)\@=/
syn match   wstWord      /^\s\+!\=\(body\|extension\)\>/
syn match   wstField     /^\s\+[-+!]\=[A-Za-z][A-Za-z0-9-]*\ze:\s/

" Payloads and modifiers.
syn match   wstFunction  /\<\(hex\|base64\|random\|json\|prose\|file\|deflated\)\ze(/
syn match   wstFunction  /\<json\>\ze\s/
syn match   wstModifier  /\<\(opcode\|fin\|rsv\|mask\|len\|fragment\|deflated\|level\|bits\|chop\|cut\|pause\|eol\|sni\|max\|alpn\|tail\)\ze=/
syn keyword wstModifier  deflated final fresh
syn match   wstConstant  /\(\<mask=\)\@<=\(none\|zero\)\>/

hi def link wstComment   Comment
hi def link wstString    String
hi def link wstPattern   String
hi def link wstEscape    SpecialChar
hi def link wstVariable  Identifier
hi def link wstCharge    Tag
hi def link wstId        Tag
hi def link wstNumber    Number
hi def link wstStatus    Number
hi def link wstCaseWord  Statement
hi def link wstCase      Title
hi def link wstTitle     Title
hi def link wstClause    PreProc
hi def link wstRole      Constant
hi def link wstSent      Statement
hi def link wstReceived  Type
hi def link wstStep      Statement
hi def link wstBranch    Conditional
hi def link wstGrade     Conditional
hi def link wstWord      Keyword
hi def link wstVerb      Keyword
hi def link wstField     PreProc
hi def link wstFunction  Function
hi def link wstModifier  Type
hi def link wstConstant  Constant

let b:current_syntax = 'wst'
