# pen.zsh: agents run in a pen when they are typed by name; pen(7) says how it is
# used.  For zsh 5.8 or newer, from ~/.zshrc, by "." or by
# eval "$(pen --shell zsh)".
#
# Nothing is started while this is read but pen, for the agents' names; what
# pen --shell prints has them in it.  Nothing here depends on the current
# directory or the shell's options.  Whatever is wrong with pen, the agent is
# not started without it: only NAME-raw and pen-off do that.  Variables are
# _pen_*, because what is printed by pen --print names the user's own.

# Options that change how what follows is read; restored below.
'builtin' 'typeset' '-ga' _pen_options
_pen_options=()
[[ ! -o aliases ]] || _pen_options+=(aliases)
[[ ! -o sh_glob ]] || _pen_options+=(sh_glob)
[[ ! -o ignore_braces ]] || _pen_options+=(ignore_braces)
[[ ! -o ignore_close_braces ]] || _pen_options+=(ignore_close_braces)
[[ ! -o csh_junkie_quotes ]] || _pen_options+=(csh_junkie_quotes)
[[ ! -o rc_quotes ]] || _pen_options+=(rc_quotes)
[[ ! -o ksh_arrays ]] || _pen_options+=(ksh_arrays)
[[ ! -o posix_identifiers ]] || _pen_options+=(posix_identifiers)
'builtin' 'setopt' no_aliases no_sh_glob no_ignore_braces no_ignore_close_braces \
	no_csh_junkie_quotes no_rc_quotes no_ksh_arrays no_posix_identifiers

'builtin' 'zmodload' zsh/parameter
'builtin' 'typeset' '-g' _pen_up _pen_bin
# not %x: that makes control bytes visible
_pen_up=${${funcstack[1]}:a:h:h}
# installed, as build/shell, and as the tree's own shell
if [[ $_pen_up == */share/pen ]]; then
	_pen_bin=${_pen_up%/share/pen}/bin
	# pen and its pages are found, but nothing that was found before changes
	[[ :$PATH: == *:"$_pen_bin":* ]] || PATH=$PATH:$_pen_bin
elif [[ -e $_pen_up/bin/pen ]]; then
	_pen_bin=$_pen_up/bin
else
	_pen_bin=$_pen_up/build/bin
fi

# _pen_say MESSAGE [HINT]
function _pen_say {
	emulate -L zsh
	printf '%s\n' "pen: $1" ${2+"hint: $2"} >&2
}

# _pen_inside : is this shell in a pen?  The variable alone could come from
# anywhere; the file can be made by root only.
function _pen_inside {
	emulate -L zsh
	[[ ${PEN-} == 1 && -e /run/pen/pen-filter ]]
}

# _pen_list : writes the names of agents to _pen_agents: _pen_known has them, or
# pen knows them, or without pen the files in agents/ do
function _pen_list {
	emulate -L zsh
	typeset -ga _pen_agents
	local _pen_names=${_pen_known-}
	unset _pen_known
	[[ -n $_pen_names || ! -x $_pen_bin/pen ]] ||
		_pen_names=$($_pen_bin/pen --list agents)
	_pen_agents=(${=_pen_names})
	(( ! $#_pen_agents )) || return 0
	_pen_agents=($_pen_up/agents/*.conf(N:t:r))
	[[ $#_pen_agents -eq 0 || ! -e ${XDG_CONFIG_HOME:-${HOME-}/.config}/pen/pen.conf ]] ||
		_pen_say 'warning: pen does not tell its agents: those that only pen.conf has run without a pen'
	return 0
}

# _pen_find NAME : writes where PATH has it to _pen_found, passing over links to
# pen-shim, and over relative elements as pen does
function _pen_find {
	emulate -L zsh
	local _pen_dir
	typeset -g _pen_found=
	# not $path: zsh as sh does not have it
	for _pen_dir in ${(s.:.)PATH-}; do
		[[ $_pen_dir == /* && -x $_pen_dir/$1 && -f $_pen_dir/$1 ]] ||
			continue
		[[ ! $_pen_dir/$1 -ef $_pen_bin/pen-shim ]] || continue
		_pen_found=$_pen_dir/$1
		return 0
	done
	return 1
}

# _pen_call AGENT PROGRAM ARG… : in a pen, or not at all
function _pen_call {
	emulate -L zsh
	local _pen_agent=$1 _pen_status=0
	shift
	if [[ -n ${_pen_off-} ]] || _pen_inside; then
		_pen_raw $_pen_agent "$@"
		return
	fi
	if [[ ! -x $_pen_bin/pen ]]; then
		_pen_say "cannot start '$_pen_agent' in a pen: there is no ${(qqqq)_pen_bin}/pen" \
			"install pen again; $_pen_agent-raw runs it without a pen"
		return 127
	fi
	if [[ $1 == $_pen_agent ]]; then
		$_pen_bin/pen -- "$@" || _pen_status=$?
	else
		$_pen_bin/pen --agent $_pen_agent -- "$@" || _pen_status=$?
	fi
	case $_pen_status in
	12[567]) printf 'hint: %s\n' "if '$_pen_agent' was not started, see above; $_pen_agent-raw runs it without a pen" >&2 ;;
	esac
	return $_pen_status
}

# _pen_raw AGENT PROGRAM ARG… : without a pen
function _pen_raw {
	emulate -L zsh
	local _pen_agent=$1
	shift
	if [[ $1 != $_pen_agent ]]; then
		command "$@"
	elif _pen_find $1; then
		shift
		$_pen_found "$@"
	else
		_pen_say "cannot start '$_pen_agent': it is not on PATH"
		return 127
	fi
}

# _pen_shadow AGENT [ASSIGNMENTS WORDS] : makes the functions, without reading
# the name as a word, which an alias could change
function _pen_shadow {
	emulate -L zsh -o no_aliases
	functions[$1]="${2-} _pen_call $1 ${3-$1} \"\$@\""
	functions[$1-raw]="${2-} _pen_raw $1 ${3-$1} \"\$@\""
	# completed as the agent is; not where it has no completion
	(( ! ${+functions[compdef]} )) || compdef $1-raw=$1 2>/dev/null || :
}

# _pen_alias AGENT : an alias comes before a function.  One that ends at the
# function may stay, one that is a simple command is what the function will
# run, and anything else is dropped.
function _pen_alias {
	emulate -L zsh
	local match mbegin mend MATCH MBEGIN MEND
	local _pen_text=${aliases[$1]-${galiases[$1]-}}
	[[ $_pen_text =~ '^(([A-Za-z_][A-Za-z_0-9]*=[^[:space:]]*[[:space:]]+)*)(.*)$' ]]
	local _pen_set=$match[1] _pen_words=$match[3]
	if (( ${+aliases[$1]} )) && [[ ${_pen_words%%[[:space:]]*} == $1 ]]; then
		(( ${+functions[$1]} )) || ! _pen_find $1 || _pen_shadow $1
		return 0
	fi
	unalias -- $1
	if [[ $_pen_text == *[\;\&\|\<\>\(\)\`]* || $_pen_text == *$'\n'* ]]; then
		_pen_say "warning: the alias '$1' is more than a command, and was dropped"
		_pen_shadow $1
	else
		_pen_shadow $1 "$_pen_set" "$_pen_words"
	fi
}

# _pen_first : the links of pen-shim come first on PATH, wherever they were
function _pen_first {
	emulate -L zsh
	local _pen_rest=:${PATH-}:
	while [[ $_pen_rest == *:$_pen_shims:* ]]; do
		_pen_rest=${_pen_rest/:$_pen_shims:/:}
	done
	_pen_rest=${${_pen_rest#:}%:}
	PATH=$_pen_shims${_pen_rest:+:$_pen_rest}
}

# _pen_hidden NAME : does something come before its link?  In _pen_found.
function _pen_hidden {
	emulate -L zsh
	local _pen_dir
	[[ -L $_pen_shims/$1 ]] || return 1
	for _pen_dir in ${(s.:.)PATH-}; do
		typeset -g _pen_found=$_pen_dir/$1
		[[ $_pen_found == /* && -x $_pen_found && -f $_pen_found ]] ||
			continue
		[[ ! $_pen_found -ef $_pen_bin/pen-shim ]]
		return
	done
	return 1
}

# _pen_new NAME : an agent that came later gets its link, where there are links
# and pen-shim --remove has not noted that it is to have none
function _pen_new {
	emulate -L zsh
	[[ -d $_pen_shims && ! -L $_pen_shims/$1 && ! -e $_pen_shims/.$1 ]] ||
		return 0
	! $_pen_bin/pen-shim --install $1 2>/dev/null ||
		_pen_say "'$1' is new: it runs in a pen, from other programs too" \
			"pen-shim --remove $1 changes that"
}

# _pen_refresh [all] : what has come to PATH, or became an alias, since.  Called
# before each prompt, so it starts nothing; zsh keeps $? itself.
function _pen_refresh {
	emulate -L zsh
	local _pen_name
	# a line of the rc file behind ours may have put something before them
	[[ -n ${1-} || -z ${_pen_fresh-} || ! -d $_pen_shims ]] || _pen_first
	for _pen_name in $_pen_agents; do
		if [[ ! $_pen_name =~ '^[A-Za-z0-9][A-Za-z0-9._+-]*$' ]]; then
			continue
		elif (( ${+aliases[$_pen_name]} || ${+galiases[$_pen_name]} ))
		then
			_pen_alias $_pen_name
		elif [[ ${1-} == all ]] || (( ! ${+functions[$_pen_name]} ))
		then
			! _pen_find $_pen_name || {
				_pen_shadow $_pen_name
				[[ -n ${1-} ]] || _pen_new $_pen_name
			}
		elif [[ -n ${_pen_fresh-} && ${functions[$_pen_name]} == *_pen_call* ]]
		then
			_pen_new $_pen_name
		fi
	done
	[[ -n ${1-} ]] || unset _pen_fresh
	return 0
}

# pen-off, pen-on : for this shell
function pen-off {
	emulate -L zsh
	typeset -g _pen_off=1
	_pen_say 'off in this shell: agents run without a pen until pen-on'
}
function pen-on {
	unset _pen_off
}

# pen-status : what would happen; 1 when agents run without a pen
function pen-status {
	emulate -L zsh
	local _pen_name
	if _pen_inside; then
		print 'this shell is in a pen'
		return 0
	elif [[ -n ${_pen_off-} ]]; then
		print 'off in this shell: pen-on turns it on again'
	elif [[ ! -x $_pen_bin/pen ]]; then
		print -r "broken: there is no ${(qqqq)_pen_bin}/pen"
	else
		print -r "on: ${(qqqq)_pen_bin}/pen"
	fi
	for _pen_name in $_pen_agents; do
		if [[ ${functions[$_pen_name]-} == *_pen_call* ]]; then
			print "$_pen_name: ${_pen_off:+not }in a pen"
		elif (( ${+functions[$_pen_name]} )); then
			print "$_pen_name: another function, not in a pen"
		fi
		! _pen_hidden $_pen_name ||
			print -r "$_pen_name: its link, for other programs, is hidden by ${(qqqq)_pen_found}"
	done
	[[ -z ${_pen_off-} ]]
}

# pen-prompt : a word for the prompt, PROMPT='$(pen-prompt) %~ %# ' with
# setopt prompt_subst
function pen-prompt {
	emulate -L zsh
	if _pen_inside; then
		print -n 'in pen'
	elif [[ -n ${_pen_off-} ]]; then
		print -n 'PEN OFF'
	else
		local _pen_held
		_pen_held=$($_pen_bin/pen-review --prompt 2>/dev/null) || :
		print -n "pen${_pen_held:+ $_pen_held}"
	fi
}

# pen-chain [EDIT…] [--] PEN-ARGUMENT… : runs what pen would run, edited
#	without LINK --			leave it out
#	with LINK OPTION… --		add options to it
#	instead LINK COMMAND… --	another command in its place
#	before LINK COMMAND… --		another command in front of it
#	print				print it instead
function pen-chain {
	emulate -L zsh
	local _pen_text _pen_made= _pen_print= _pen_verb _pen_link _pen_words _pen_break=$' \\\n  -- '
	local -a _pen_edits _pen_parts
	local _pen_i
	while [[ ${1-} == (without|with|instead|before|print) ]]; do
		_pen_verb=$1
		shift
		if [[ $_pen_verb == print ]]; then
			_pen_print=1
			continue
		fi
		_pen_link=${1-} _pen_words=
		(( ! $# )) || shift
		while (( $# )) && [[ $1 != -- ]]; do
			_pen_words+=" ${(q+)1}"
			shift
		done
		if [[ $# -eq 0 || $_pen_link != pen-* ]] ||
			[[ $_pen_verb == without && -n $_pen_words ]] ||
			[[ $_pen_verb != without && -z $_pen_words ]]; then
			_pen_say "pen-chain: '$_pen_verb' is followed by a link (pen-sni, pen-net, pen-ns, pen-filter), words and --"
			return 125
		fi
		shift
		_pen_edits+=("$_pen_verb" "$_pen_link" "${_pen_words# }")
	done
	[[ ${1-} != -- ]] || shift
	_pen_text=$($_pen_bin/pen --print "$@") || return
	# what makes the state that is missing comes first
	[[ $_pen_text != '(umask '* ]] || _pen_made=${_pen_text%%$')\n'*}$')\n'
	_pen_text=${_pen_text#$_pen_made}
	_pen_parts=("${(@ps:$_pen_break:)_pen_text}")
	_pen_parts[1,-2]=("${(@)^_pen_parts[1,-2]}$_pen_break")
	for _pen_verb _pen_link _pen_words in "${(@)_pen_edits}"; do
		_pen_edit $_pen_verb $_pen_link "$_pen_words" || return 125
	done
	_pen_text=$_pen_made${(j::)_pen_parts}
	if [[ -n $_pen_print ]]; then
		print -r -- $_pen_text
	else
		eval $_pen_text
	fi
}

# _pen_edit VERB LINK WORDS : changes _pen_parts
function _pen_edit {
	emulate -L zsh
	local _pen_n _pen_break=$' \\\n  -- '
	for (( _pen_n = 1; _pen_n <= $#_pen_parts; _pen_n++ )); do
		[[ ${_pen_parts[_pen_n]%% *} == */$2 ]] || continue
		case $1 in
		without) _pen_parts[_pen_n]= ;;
		with) _pen_parts[_pen_n]="${_pen_parts[_pen_n]%$_pen_break} $3$_pen_break" ;;
		instead) _pen_parts[_pen_n]=$3$' \\\n  ' ;;
		before) _pen_parts[_pen_n]=$3$' \\\n  '${_pen_parts[_pen_n]} ;;
		esac
		# without pen-ns, pen-filter is not where pen-ns shows it
		[[ $1 == (before|with) || $2 != pen-ns ]] ||
			_pen_parts=("${(@)_pen_parts/#\/run\/pen\/pen-filter/${(q+)_pen_bin}/pen-filter}")
		return 0
	done
	_pen_say "pen-chain: there is no $2 in this chain"
	return 1
}

# _pen_setup : what sourcing does
function _pen_setup {
	emulate -L zsh
	local _pen_share=${_pen_bin:h}/share/zsh/site-functions _pen_file
	typeset -g _pen_fresh=1 _pen_shims=${XDG_DATA_HOME-}
	[[ $_pen_shims == /* ]] || _pen_shims=${HOME-}/.local/share
	_pen_shims+=/pen/shims
	if [[ -d $_pen_shims && :${PATH-}: != *:$_pen_shims:* ]]; then
		PATH=$_pen_shims${PATH:+:$PATH}
	fi
	_pen_list
	(( $#_pen_agents )) || _pen_say "there are no agents beside '${(V)_pen_up}/shell': nothing runs in a pen"
	_pen_refresh all
	[[ -o interactive ]] || return 0
	typeset -ga precmd_functions
	(( ${precmd_functions[(Ie)_pen_refresh]} )) ||
		precmd_functions+=(_pen_refresh)
	# completions: zsh does not look in ~/.local by itself, and what comes
	# after compinit has to say what it completes
	if [[ -d $_pen_share && ${fpath[(Ie)$_pen_share]} -eq 0 ]]; then
		fpath+=($_pen_share)
		if (( ${+functions[compdef]} )); then
			for _pen_file in $_pen_share/_pen*(N:t); do
				autoload -Uz $_pen_file
				compdef $_pen_file ${_pen_file#_}
			done
		fi
	fi
	return 0
}
_pen_setup
(( ! ${#_pen_options} )) || 'builtin' 'setopt' "${_pen_options[@]}"
'builtin' 'unset' _pen_options
