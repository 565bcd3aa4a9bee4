# pen.bash: agents run in a pen when they are typed by name; pen(7) says how it is
# used.  For bash 4.4 or newer, from ~/.bashrc, by "." or by
# eval "$(pen --shell bash)".
#
# Nothing is started while this is read but pen, for the agents' names; what
# pen --shell prints has them in it.  Nothing here depends on the current
# directory, IFS or the shell's options.  Whatever is wrong with pen, the agent
# is not started without it: only NAME-raw and pen-off do that.  Variables are
# _pen_*, because what pen --print prints names the user's own; they are not set
# where they are made local, because of set -k.

# Aliases would change what follows; restored below.
_pen_aliases=
if \shopt -q expand_aliases; then
	_pen_aliases=1
	\shopt -u expand_aliases
fi

_pen_up=${BASH_SOURCE[0]}
[[ $_pen_up == /* ]] || _pen_up=$PWD/$_pen_up
_pen_up=${_pen_up%/*}
_pen_up=${_pen_up%/.}
_pen_up=${_pen_up%/shell}
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
_pen_say() {
	printf '%s\n' "pen: $1" ${2+"hint: $2"} >&2
}

# _pen_inside : is this shell in a pen?  The variable alone could come from
# anywhere; the file can be made by root only.
_pen_inside() {
	[[ ${PEN-} == 1 && -e /run/pen/pen-filter ]]
}

# _pen_list : writes the names of agents to _pen_agents: _pen_known has them, or
# pen knows them, or without pen the files in agents/ do
_pen_list() {
	local - IFS
	IFS=$' \t\n'
	set -f
	[[ -n ${_pen_known-} || ! -x $_pen_bin/pen ]] ||
		_pen_known=$("$_pen_bin/pen" --list agents)
	# shellcheck disable=SC2206 # names without blanks
	_pen_agents=(${_pen_known-})
	unset -v _pen_known
	[[ ${#_pen_agents[@]} -eq 0 ]] || return 0
	local _pen_failglob
	_pen_failglob=
	if shopt -q failglob; then
		_pen_failglob=1
		shopt -u failglob
	fi
	set +f
	_pen_agents=("$_pen_up"/agents/*.conf)
	[[ -z $_pen_failglob ]] || shopt -s failglob
	[[ -e ${_pen_agents[0]-} ]] || _pen_agents=()
	_pen_agents=("${_pen_agents[@]##*/}")
	_pen_agents=("${_pen_agents[@]%.conf}")
	_pen_conf=${XDG_CONFIG_HOME:-${HOME-}/.config}/pen/pen.conf
	[[ ${#_pen_agents[@]} -eq 0 || ! -e $_pen_conf ]] ||
		_pen_say 'warning: pen does not tell its agents: those that only pen.conf has run without a pen'
	unset -v _pen_conf
}

# _pen_find NAME : writes where PATH has it to _pen_found, passing over links to
# pen-shim, and over relative elements as pen does
_pen_find() {
	local _pen_path _pen_dir
	_pen_path=${PATH-}:
	_pen_found=
	while [[ -n $_pen_path ]]; do
		_pen_dir=${_pen_path%%:*}
		_pen_path=${_pen_path#*:}
		[[ $_pen_dir == /* && -x $_pen_dir/$1 && -f $_pen_dir/$1 ]] ||
			continue
		[[ ! $_pen_dir/$1 -ef $_pen_bin/pen-shim ]] || continue
		_pen_found=$_pen_dir/$1
		return 0
	done
	return 1
}

# _pen_call AGENT PROGRAM ARG… : in a pen, or not at all
_pen_call() {
	local _pen_agent _pen_status
	_pen_agent=$1 _pen_status=0
	shift
	if [[ -n ${_pen_off-} ]] || _pen_inside; then
		_pen_raw "$_pen_agent" "$@"
		return
	fi
	if [[ ! -x $_pen_bin/pen ]]; then
		_pen_say "cannot start '$_pen_agent' in a pen: there is no ${_pen_bin@Q}/pen" \
			"install pen again; $_pen_agent-raw runs it without a pen"
		return 127
	fi
	if [[ $1 == "$_pen_agent" ]]; then
		"$_pen_bin/pen" -- "$@" || _pen_status=$?
	else
		"$_pen_bin/pen" --agent "$_pen_agent" -- "$@" || _pen_status=$?
	fi
	case $_pen_status in
	12[567]) printf 'hint: %s\n' "if '$_pen_agent' was not started, see above; $_pen_agent-raw runs it without a pen" >&2 ;;
	esac
	return "$_pen_status"
}

# _pen_raw AGENT PROGRAM ARG… : without a pen
_pen_raw() {
	local _pen_agent
	_pen_agent=$1
	shift
	if [[ $1 != "$_pen_agent" ]]; then
		command "$@"
	elif _pen_find "$1"; then
		shift
		"$_pen_found" "$@"
	else
		_pen_say "cannot start '$_pen_agent': it is not on PATH"
		return 127
	fi
}

# _pen_shadow AGENT [ASSIGNMENTS WORDS] : makes the functions.  The keyword keeps
# an alias of the same name out of it.
_pen_shadow() {
	eval "function $1 { ${2-} _pen_call $1 ${3-$1} \"\$@\"; }
		function $1-raw { ${2-} _pen_raw $1 ${3-$1} \"\$@\"; }"
	[[ $- != *i* ]] || complete -o default -F _pen_complete_raw "$1-raw"
}

# NAME-raw is completed as NAME, by bash-completion.
_pen_complete_raw() {
	COMP_WORDS[0]=${COMP_WORDS[0]%-raw}
	COMP_LINE=${COMP_LINE/-raw/}
	COMP_POINT=$((COMP_POINT - 4))
	if declare -F _comp_command_offset >/dev/null; then
		_comp_command_offset 0
	elif declare -F _command_offset >/dev/null; then
		_command_offset 0
	fi
}

# _pen_alias AGENT : an alias comes before a function.  One that ends at the
# function may stay, one that is a simple command is what the function will
# run, and anything else is dropped.
_pen_alias() {
	local _pen_text _pen_set _pen_words
	_pen_text=${BASH_ALIASES[$1]}
	[[ $_pen_text =~ ^(([A-Za-z_][A-Za-z_0-9]*=[^[:space:]]*[[:space:]]+)*)(.*)$ ]]
	_pen_set=${BASH_REMATCH[1]} _pen_words=${BASH_REMATCH[3]}
	if [[ ${_pen_words%%[[:space:]]*} == "$1" ]]; then
		declare -F "$1" >/dev/null || ! _pen_find "$1" || _pen_shadow "$1"
		return 0
	fi
	unalias -- "$1"
	if [[ $_pen_text == *[\;\&\|\<\>\(\)\`]* || $_pen_text == *$'\n'* ]]; then
		_pen_say "warning: the alias '$1' is more than a command, and was dropped"
		_pen_shadow "$1"
	else
		_pen_shadow "$1" "$_pen_set" "$_pen_words"
	fi
}

# _pen_first : the links of pen-shim come first on PATH, wherever they were
_pen_first() {
	local _pen_rest
	_pen_rest=:${PATH-}:
	while [[ $_pen_rest == *:"$_pen_shims":* ]]; do
		_pen_rest=${_pen_rest/":$_pen_shims:"/:}
	done
	_pen_rest=${_pen_rest#:}
	_pen_rest=${_pen_rest%:}
	PATH=$_pen_shims${_pen_rest:+:$_pen_rest}
}

# _pen_hidden NAME : does something come before its link?  In _pen_found.
_pen_hidden() {
	local _pen_path
	_pen_path=${PATH-}:
	[[ -L $_pen_shims/$1 ]] || return 1
	while [[ -n $_pen_path ]]; do
		_pen_found=${_pen_path%%:*}/$1
		_pen_path=${_pen_path#*:}
		[[ $_pen_found == /* && -x $_pen_found && -f $_pen_found ]] ||
			continue
		[[ ! $_pen_found -ef $_pen_bin/pen-shim ]]
		return
	done
	return 1
}

# _pen_new NAME : an agent that came later gets its link, where there are links
# and pen-shim --remove has not noted that it is to have none
_pen_new() {
	[[ -d $_pen_shims && ! -L $_pen_shims/$1 && ! -e $_pen_shims/.$1 ]] ||
		return 0
	! "$_pen_bin/pen-shim" --install "$1" 2>/dev/null ||
		_pen_say "'$1' is new: it runs in a pen, from other programs too" \
			"pen-shim --remove $1 changes that"
}

# _pen_is_ours NAME : is its function one that runs it in a pen?  Where it runs,
# $(…) is read anew, with aliases.
_pen_is_ours() {
	[[ $(\declare -f "$1") == *_pen_call* ]]
}

# _pen_refresh [all] : what has come to PATH, or became an alias, since.  Called
# at each prompt, so it starts nothing, and keeps $?.  hash looks for all names in
# the time that one _pen_find takes; what it finds is forgotten again, as a shim
# may come before it.
_pen_refresh() {
	_pen_status=$?
	local _pen_name
	# a line of the rc file behind ours may have put something before them
	[[ -n ${1-} || -z ${_pen_fresh-} || ! -d $_pen_shims ]] || _pen_first
	hash -- "${_pen_agents[@]}" >/dev/null 2>&1 || :
	for _pen_name in "${_pen_agents[@]}"; do
		if [[ $_pen_name != [A-Za-z0-9]* || $_pen_name == *[!A-Za-z0-9._+-]* ]]
		then
			continue
		elif [[ -n ${BASH_ALIASES[$_pen_name]+set} ]]; then
			_pen_alias "$_pen_name"
		elif declare -F "$_pen_name"; then
			# hash passes over a function
			if [[ ${1-} == all ]]; then
				! _pen_find "$_pen_name" || _pen_shadow "$_pen_name"
			elif [[ -n ${_pen_fresh-} ]] && _pen_is_ours "$_pen_name"; then
				_pen_new "$_pen_name"
			fi
		elif [[ $- != *h* || -n ${BASH_CMDS[$_pen_name]+set} ]]; then
			[[ $- != *h* ]] || hash -d -- "$_pen_name"
			! _pen_find "$_pen_name" || {
				_pen_shadow "$_pen_name"
				[[ -n ${1-} ]] || _pen_new "$_pen_name"
			}
		fi
	done >/dev/null
	[[ -n ${1-} ]] || unset -v _pen_fresh
	return "$_pen_status"
}

# pen-off, pen-on : for this shell
pen-off() {
	_pen_off=1
	_pen_say "off in this shell: agents run without a pen until pen-on"
}
pen-on() {
	unset -v _pen_off
}

# pen-status : what would happen; 1 when agents run without a pen
pen-status() {
	local _pen_name
	if _pen_inside; then
		echo 'this shell is in a pen'
		return 0
	elif [[ -n ${_pen_off-} ]]; then
		echo 'off in this shell: pen-on turns it on again'
	elif [[ ! -x $_pen_bin/pen ]]; then
		echo "broken: there is no ${_pen_bin@Q}/pen"
	else
		echo "on: ${_pen_bin@Q}/pen"
	fi
	for _pen_name in "${_pen_agents[@]}"; do
		if _pen_is_ours "$_pen_name"; then
			echo "$_pen_name: ${_pen_off:+not }in a pen"
		elif declare -F "$_pen_name" >/dev/null; then
			echo "$_pen_name: another function, not in a pen"
		fi
		! _pen_hidden "$_pen_name" ||
			echo "$_pen_name: its link, for other programs, is hidden by ${_pen_found@Q}"
	done
	[[ -z ${_pen_off-} ]]
}

# pen-prompt : a word for the prompt, PS1='$(pen-prompt) \w $ '
pen-prompt() {
	if _pen_inside; then
		printf 'in pen'
	elif [[ -n ${_pen_off-} ]]; then
		printf 'PEN OFF'
	else
		printf 'pen'
		local _pen_held
		_pen_held=$("$_pen_bin/pen-review" --prompt 2>/dev/null) || :
		printf '%s' "${_pen_held:+ $_pen_held}"
	fi
}

# pen-chain [EDIT…] [--] PEN-ARGUMENT… : runs what pen would run, edited
#	without LINK --			leave it out
#	with LINK OPTION… --		add options to it
#	instead LINK COMMAND… --	another command in its place
#	before LINK COMMAND… --		another command in front of it
#	print				print it instead
pen-chain() {
	local _pen_text _pen_print _pen_verb _pen_link _pen_words _pen_i
	local -a _pen_verbs _pen_at _pen_new _pen_parts
	_pen_print='' _pen_verbs=() _pen_at=() _pen_new=()
	while [[ ${1-} =~ ^(without|with|instead|before|print)$ ]]; do
		_pen_verb=$1
		shift
		if [[ $_pen_verb == print ]]; then
			_pen_print=1
			continue
		fi
		_pen_link=${1-} _pen_words=
		shift || :
		while [[ $# -gt 0 && $1 != -- ]]; do
			printf -v _pen_words '%s %q' "$_pen_words" "$1"
			shift
		done
		if [[ $# -eq 0 || $_pen_link != pen-* ]] ||
			[[ $_pen_verb == without && -n $_pen_words ]] ||
			[[ $_pen_verb != without && -z $_pen_words ]]; then
			_pen_say "pen-chain: '$_pen_verb' is followed by a link (pen-sni, pen-net, pen-ns, pen-filter), words and --"
			return 125
		fi
		shift
		_pen_verbs+=("$_pen_verb") _pen_at+=("$_pen_link")
		_pen_new+=("${_pen_words# }")
	done
	[[ ${1-} != -- ]] || shift
	_pen_text=$("$_pen_bin/pen" --print "$@") || return
	_pen_split "$_pen_text"
	for _pen_i in "${!_pen_verbs[@]}"; do
		_pen_edit "${_pen_verbs[_pen_i]}" "${_pen_at[_pen_i]}" \
			"${_pen_new[_pen_i]}" || return 125
	done
	printf -v _pen_text '%s' "${_pen_parts[@]}"
	if [[ -n $_pen_print ]]; then
		printf '%s\n' "$_pen_text"
	else
		eval "$_pen_text"
	fi
}

# _pen_split TEXT : _pen_parts are the links, then prog with what follows.  A
# link begins the text, or a line with "--"; what makes the state that is missing
# comes before and is a part, too.
_pen_split() {
	local _pen_rest _pen_break
	_pen_rest=$1 _pen_break=$' \\\n  -- ' _pen_parts=()
	if [[ $_pen_rest == '(umask '* ]]; then
		_pen_parts=("${_pen_rest%%$')\n'*}"$')\n')
		_pen_rest=${_pen_rest#*$')\n'}
	fi
	while [[ $_pen_rest == *"$_pen_break"* ]]; do
		_pen_parts+=("${_pen_rest%%"$_pen_break"*}$_pen_break")
		_pen_rest=${_pen_rest#*"$_pen_break"}
	done
	_pen_parts+=("$_pen_rest")
}

# _pen_edit VERB LINK WORDS : changes _pen_parts
_pen_edit() {
	local _pen_n _pen_break
	_pen_break=$' \\\n  -- '
	for _pen_n in "${!_pen_parts[@]}"; do
		[[ ${_pen_parts[_pen_n]%% *} == */"$2" ]] || continue
		case $1 in
		without) _pen_parts[_pen_n]= ;;
		with) _pen_parts[_pen_n]="${_pen_parts[_pen_n]%"$_pen_break"} $3$_pen_break" ;;
		instead) _pen_parts[_pen_n]=$3$' \\\n  ' ;;
		before) _pen_parts[_pen_n]=$3$' \\\n  '${_pen_parts[_pen_n]} ;;
		esac
		[[ $1 == before || $1 == with || $2 != pen-ns ]] || _pen_outside
		return 0
	done
	_pen_say "pen-chain: there is no $2 in this chain"
	return 1
}

# _pen_outside : without pen-ns, pen-filter is not where pen-ns shows it
_pen_outside() {
	local _pen_n _pen_path
	printf -v _pen_path %q "$_pen_bin/pen-filter"
	for _pen_n in "${!_pen_parts[@]}"; do
		if [[ ${_pen_parts[_pen_n]} == /run/pen/pen-filter* ]]; then
			_pen_parts[_pen_n]=$_pen_path${_pen_parts[_pen_n]#/run/pen/pen-filter}
		fi
	done
}

# _pen_setup : what sourcing does
_pen_setup() {
	_pen_fresh=1
	_pen_shims=${XDG_DATA_HOME-}
	[[ $_pen_shims == /* ]] || _pen_shims=${HOME-}/.local/share
	_pen_shims+=/pen/shims
	if [[ -d $_pen_shims && :${PATH-}: != *:"$_pen_shims":* ]]; then
		PATH=$_pen_shims${PATH:+:$PATH}
	fi
	_pen_list
	if [[ ${#_pen_agents[@]} -eq 0 ]]; then
		_pen_say "there are no agents beside ${_pen_up@Q}/shell: nothing runs in a pen"
	fi
	_pen_refresh all
	if [[ $- == *i* && ${PROMPT_COMMAND[*]-} != *_pen_refresh* ]]; then
		# an array from bash 5.1 on; text may end in a semicolon; set, for set -u
		: "${PROMPT_COMMAND:=}"
		# shellcheck disable=SC2128,SC2178 # it is the one or the other
		if [[ ${PROMPT_COMMAND@a} == *a* ]]; then
			PROMPT_COMMAND+=(_pen_refresh)
		else
			PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}_pen_refresh
		fi
	fi
	return 0
}
_pen_setup
[[ -z $_pen_aliases ]] || shopt -s expand_aliases
\unset -v _pen_aliases
